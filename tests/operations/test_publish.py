"""Answers: one for every way in which shells come to a project, tied to the very environment that was decided about."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from pathlib import Path

import pytest
from tests.stage.home import Home, snapshot
from tests.stage.waiting import stays

from envd.core.answer import SEAL_PREFIX, Answer, SyncState, Verdict
from envd.core.errors import NoProject
from envd.operations.consent import Target, deny
from envd.operations.publish import publish, publish_overtaken
from envd.operations.survey import survey


def answer(home: Home, walked: Path) -> Answer:
    found = home.answer(walked)
    assert found is not None
    return found


def seals(root: Path) -> list[str]:
    return [path.name.removeprefix(SEAL_PREFIX) for path in (root / ".venv").glob(f"{SEAL_PREFIX}*")]


def test_the_environment_holds_the_seal_of_the_answer(home: Home) -> None:
    root = home.allowed(home.project())
    assert seals(root) == [answer(home, root).seal]


def test_the_answer_names_what_a_hook_needs(home: Home) -> None:
    root = home.allowed(home.project())
    found = answer(home, root)
    assert (found.verdict, found.root, found.label) == (Verdict.ACTIVE, str(root), "acme")
    assert (found.venv, found.bin) == (f"{root}/.venv", f"{root}/.venv/bin")


def test_publishing_again_changes_nothing(home: Home) -> None:
    root = home.allowed(home.project())
    before = answer(home, root)
    publish(home.context, str(root))
    assert answer(home, root) == before


def test_an_answer_that_is_still_true_is_not_published_again(home: Home) -> None:
    root = home.allowed(home.project())
    before = snapshot(home.places.state)
    assert not publish_overtaken(home.context, survey(home.context, str(root)))
    assert snapshot(home.places.state) == before


def test_an_answer_that_became_untrue_is_published_anew(home: Home) -> None:
    root = home.project()
    python = home.lend_python(root)
    home.allowed(root)
    away = python.rename(python.with_name("away"))
    publish(home.context, str(root))
    assert answer(home, root).verdict is Verdict.BROKEN
    away.rename(python)
    assert publish_overtaken(home.context, survey(home.context, str(root)))
    assert answer(home, root).verdict is Verdict.ACTIVE


def test_a_project_without_an_answer_gets_none_by_being_looked_at(home: Home) -> None:
    root = home.project()
    assert not publish_overtaken(home.context, survey(home.context, str(root)))
    assert home.answer(root) is None


def test_an_answer_is_private(home: Home) -> None:
    root = home.allowed(home.project())
    path = Path(f"{home.places.answers}{root}/.envd-answer")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.places.answers.stat().st_mode) == 0o700


def test_a_replaced_environment_gets_a_seal_of_its_own(home: Home) -> None:
    root = home.allowed(home.project())
    before = answer(home, root)
    shutil.rmtree(root / ".venv")
    home.make_venv(root / ".venv")
    publish(home.context, str(root))
    after = answer(home, root)
    assert after.seal != before.seal
    assert seals(root) == [after.seal]


def test_a_copied_seal_does_not_pass_for_the_environment(home: Home) -> None:
    root = home.allowed(home.project())
    before = answer(home, root)
    (root / ".venv").rename(root / "old")
    home.make_venv(root / ".venv")
    (root / ".venv" / f"{SEAL_PREFIX}{before.seal}").mkdir()
    publish(home.context, str(root))
    assert answer(home, root).seal != before.seal


def test_a_seal_that_was_lost_is_made_again(home: Home) -> None:
    root = home.allowed(home.project())
    (root / ".venv" / f"{SEAL_PREFIX}{seals(root)[0]}").rmdir()
    publish(home.context, str(root))
    assert seals(root) == [answer(home, root).seal]


def test_an_unknown_environment_is_not_written_to(home: Home) -> None:
    root = home.project()
    publish(home.context, str(root))
    assert seals(root) == []
    assert answer(home, root).seal == ""


@pytest.mark.case(65)
def test_each_way_to_a_project_has_its_answer(home: Home) -> None:
    root = home.allowed(home.project())
    link = home.path / "link"
    link.symlink_to(root)
    publish(home.context, str(link))
    assert answer(home, link).venv == f"{link}/.venv"
    assert answer(home, link).seal == answer(home, root).seal
    assert home.record(root).walked == (str(root), str(link))


def test_what_becomes_of_a_project_reaches_every_way_to_it(home: Home) -> None:
    root = home.allowed(home.project())
    link = home.path / "link"
    link.symlink_to(root)
    publish(home.context, str(link))
    (root / "requirements.txt").write_text("six\n")
    publish(home.context, str(root))
    assert answer(home, link).state is SyncState.STALE


def test_a_link_that_leads_elsewhere_now_is_forgotten(home: Home) -> None:
    root = home.allowed(home.project())
    other = home.project("other")
    link = home.path / "link"
    link.symlink_to(root)
    publish(home.context, str(link))
    link.unlink()
    link.symlink_to(other)
    publish(home.context, str(link))
    publish(home.context, str(root))
    assert home.record(root).walked == (str(root),)
    assert answer(home, link).verdict is Verdict.BLOCKED


def test_without_its_environment_the_answer_is_withdrawn(home: Home) -> None:
    root = home.allowed(home.project())
    shutil.rmtree(root / ".venv")
    publish(home.context, str(root))
    assert home.answer(root) is None
    assert not Path(f"{home.places.answers}{root}").exists()


def test_without_the_project_the_answer_is_withdrawn(home: Home) -> None:
    root = home.allowed(home.project())
    shutil.rmtree(root)
    with pytest.raises(NoProject):
        publish(home.context, str(root))
    assert home.answer(root) is None


def test_the_answer_of_an_outer_project_stays_when_an_inner_one_goes(home: Home) -> None:
    outer = home.allowed(home.project("outer"))
    inner = home.allowed(home.project("outer/inner"))
    shutil.rmtree(inner / ".venv")
    publish(home.context, str(inner))
    assert answer(home, outer).verdict is Verdict.ACTIVE


def test_a_broken_environment_says_so_and_how_to_mend_it(home: Home) -> None:
    root = home.allowed(home.project())
    for python in (root / ".venv/bin").glob("python*"):
        python.unlink()
    publish(home.context, str(root))
    found = answer(home, root)
    assert (found.verdict, found.bin) == (Verdict.BROKEN, "")
    assert found.text == "acme: .venv has no Python in it: envd init --clear"


def test_an_environment_that_takes_no_seal_stays_off_and_everybody_says_why(home: Home, obedient: tuple[str, ...]) -> None:
    root = home.project(requirements="demo\n")
    (root / ".venv").chmod(0o500)
    try:
        home.envd("allow", cwd=root, prefix=obedient)
        found = answer(home, root)
        # Hooks take no answer of an environment that is there and has no seal for "broken": they would ask at each prompt.
        assert (found.verdict, found.seal, found.bin) == (Verdict.BLOCKED, "", "")
        assert found.text.startswith("acme: .venv cannot take envd's seal (")
        assert found.text.endswith("make it writable, then: envd allow")
        said = "cannot take envd's seal (it is read-only)"
        assert said in " ".join(home.envd("status", cwd=root, prefix=obedient).out.split())
        assert said in home.envd("sync", cwd=root, prefix=obedient).err
        assert home.envd("status", "--check", cwd=root, prefix=obedient).code == 6
        # A command needs no seal.
        assert home.envd("run", "python", "-c", "print(7)", cwd=root, prefix=obedient).out == "7\n"
        assert home.envd("freeze", cwd=root, prefix=obedient).code == 0
    finally:
        (root / ".venv").chmod(0o700)
    assert home.envd("allow", cwd=root).code == 0
    assert answer(home, root).verdict is Verdict.ACTIVE


@pytest.mark.case(45)
def test_a_colon_in_the_path_cannot_be_put_on_path(home: Home) -> None:
    root = home.allowed(home.project("a:b"))
    found = answer(home, root)
    assert found.verdict is Verdict.BROKEN
    assert "colon" in found.text


NAMES = ("sp ace", "quo'te", 'dou"ble', "$(touch x)", "new\nline", "ünï", os.fsdecode(b"\xff\xfe"))
HARMS = {"empty": b"", "half": b"{", "future": b'{"format": 2}', "binary": b"\xff" * 100, "list": b"[]"}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
@pytest.mark.case(66)
def test_any_name_has_an_answer_that_reads_back(home: Home, name: str) -> None:
    root = home.allowed(home.project(name))
    found = answer(home, root)
    assert (found.verdict, found.root, found.venv) == (Verdict.ACTIVE, str(root), f"{root}/.venv")
    assert "\n" not in found.label


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
def test_a_record_that_cannot_be_read_is_set_aside_and_counts_as_nothing(home: Home, harm: bytes) -> None:
    root = home.allowed(home.project())
    record = next((home.places.state / "trust").glob("*.json"))
    record.write_bytes(harm)
    publish(home.context, str(root))
    assert answer(home, root).verdict is Verdict.BLOCKED
    assert record.with_suffix(".unreadable").read_bytes() == harm


def test_nobody_publishes_between_the_look_and_the_answer_of_another(home: Home) -> None:
    root = home.allowed(home.project())
    before = home.answer(root)
    (root / "requirements.txt").write_text("demo\n")
    with home.store.alone(str(root)):
        other = threading.Thread(target=publish, args=(home.context, str(root)))
        other.start()
        stays(lambda: home.answer(root) == before, "nothing new is published", 0.2)
    other.join(20)
    answer = home.answer(root)
    assert answer is not None
    assert answer.state is SyncState.STALE


def stamp(home: Home, root: Path) -> Path:
    return Path(f"{home.places.answers}{root}/.envd-answer-{answer(home, root).stamp}")


def test_a_stamp_that_is_missing_comes_back(home: Home) -> None:
    root = home.allowed(home.project())
    stamp(home, root).unlink()
    publish(home.context, str(root))
    assert stamp(home, root).is_symlink()


def test_a_stamp_leads_to_python_while_the_environment_is_the_one_it_was_given_for(home: Home) -> None:
    root = home.allowed(home.project())
    assert os.path.realpath(stamp(home, root)) == os.path.realpath(root / ".venv/bin/python")
    (root / ".venv").rename(root / "of-before")
    home.make_venv(root / ".venv")
    assert not stamp(home, root).exists()
    (root / ".venv").rename(root / "of-another")
    (root / "of-before").rename(root / ".venv")
    assert stamp(home, root).exists()
    (root / ".venv/bin/python").unlink()
    assert not stamp(home, root).exists()


def test_a_linked_environment_is_followed_to_where_it_lies(home: Home) -> None:
    root = home.project(venv=False)
    (root / ".venv").symlink_to(home.make_venv(home.path / "elsewhere/env"))
    home.allowed(root)
    assert stamp(home, root).exists()


def test_what_is_not_active_has_no_stamp(home: Home) -> None:
    root = home.project()
    publish(home.context, str(root))
    assert answer(home, root).verdict is Verdict.BLOCKED
    assert not stamp(home, root).is_symlink()


def test_a_link_that_led_elsewhere_meanwhile_has_no_answer_of_before(home: Home) -> None:
    first, other = home.project("first"), home.project("other")
    link = home.path / "link"
    link.symlink_to(first)
    home.allowed(link)
    assert answer(home, link).verdict is Verdict.ACTIVE
    link.unlink()
    link.symlink_to(other)
    deny(home.context, Target(str(first)))
    link.unlink()
    link.symlink_to(first)
    assert home.store.published(str(link)) is None
    publish(home.context, str(link))
    assert answer(home, link).verdict is Verdict.NONE


def test_an_answer_for_what_a_link_leads_to_now_stays(home: Home) -> None:
    first, other = home.project("first"), home.project("other")
    link = home.path / "link"
    link.symlink_to(first)
    home.allowed(link)
    link.unlink()
    link.symlink_to(other)
    home.allowed(link)
    publish(home.context, str(first))
    assert answer(home, link).verdict is Verdict.ACTIVE
