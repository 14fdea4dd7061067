"""Whether envd may act for a project (T14, T15, T16 and T22 of the threats)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from envd.core.trust import Holding, Identity, Trust, TrustDecision, TrustFacts, TrustRecord, decide_trust, is_below

HERE = Identity(1, 100, 5)
ROOT = Holding("/p", "me", mine=True, mode=0o755, private_group=False)
VENV = Holding("/p/.venv", "me", mine=True, mode=0o755, private_group=False)
ALLOWED = TrustRecord("/p", allowed=True, identity=HERE)
DENIED = TrustRecord("/p", allowed=False, identity=HERE)
FACTS = TrustFacts(identity=HERE, holdings=(ROOT, VENV), venv_name=".venv")
REPLACED = "another directory has taken the place of the one that was allowed"
TRACKED = "git tracks its .venv, so whoever commits decides what it runs"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(FACTS, TrustDecision(Trust.UNKNOWN), id="nothing was said"),
        pytest.param(replace(FACTS, record=ALLOWED), TrustDecision(Trust.ALLOWED, "envd allow"), id="allowed"),
        pytest.param(replace(FACTS, record=DENIED), TrustDecision(Trust.DENIED, "envd deny", quiet=True), id="denied"),
        pytest.param(
            replace(FACTS, trusted_root="~/src"), TrustDecision(Trust.ALLOWED, "trusted root ~/src"), id="in a trusted root"
        ),
        pytest.param(
            replace(FACTS, record=DENIED, trusted_root="~/src"),
            TrustDecision(Trust.DENIED, "envd deny", quiet=True),
            id="denied in a trusted root",
        ),
        pytest.param(
            replace(FACTS, worktree_of="/main"),
            TrustDecision(Trust.ALLOWED, "git worktree of /main"),
            id="a worktree of an allowed project",
        ),
        pytest.param(
            replace(FACTS, trusted_root="~/src", worktree_of="/main"),
            TrustDecision(Trust.ALLOWED, "trusted root ~/src"),
            id="a worktree in a trusted root",
        ),
        pytest.param(
            replace(FACTS, holdings=(ROOT,), record=ALLOWED),
            TrustDecision(Trust.ALLOWED, "envd allow"),
            id="allowed before it has an environment",
        ),
    ],
)
def test_what_the_user_said_decides(facts: TrustFacts, expected: TrustDecision) -> None:
    assert decide_trust(facts) == expected


@pytest.mark.parametrize(
    "identity",
    [
        pytest.param(Identity(2, 100, 5), id="another device"),
        pytest.param(Identity(1, 101, 5), id="another inode"),
        pytest.param(Identity(1, 100, 6), id="the same inode, born later"),
    ],
)
def test_a_replaced_directory_is_unknown_and_says_why(identity: Identity) -> None:
    facts = replace(FACTS, record=replace(ALLOWED, identity=identity))
    assert decide_trust(facts) == TrustDecision(Trust.UNKNOWN, source=REPLACED)


def test_a_replaced_directory_is_not_rescued_by_a_trusted_root() -> None:
    facts = replace(FACTS, record=replace(ALLOWED, identity=Identity(1, 7, 5)), trusted_root="~/src")
    assert decide_trust(facts).trust is Trust.UNKNOWN


@pytest.mark.parametrize(
    ("holding", "refusal"),
    [
        pytest.param(replace(VENV, owner="eve", mine=False), "/p/.venv belongs to eve", id="foreign"),
        pytest.param(replace(VENV, owner="root", mine=False), "/p/.venv belongs to root", id="of root"),
        pytest.param(replace(VENV, mode=0o757), "/p/.venv can be written by everybody (mode 757)", id="writable by all"),
        pytest.param(replace(VENV, mode=0o777), "/p/.venv can be written by everybody (mode 777)", id="open to all"),
        pytest.param(replace(VENV, mode=0o1777), "/p/.venv can be written by everybody (mode 1777)", id="sticky"),
        pytest.param(
            replace(VENV, mode=0o777, private_group=True),
            "/p/.venv can be written by everybody (mode 777)",
            id="writable by all, in a private group",
        ),
        pytest.param(replace(VENV, mode=0o775), "/p/.venv can be written by its group (mode 775)", id="writable by the group"),
        pytest.param(replace(VENV, mode=0o2775), "/p/.venv can be written by its group (mode 2775)", id="setgid"),
        pytest.param(replace(VENV, mode=0o775, private_group=True), "", id="writable by the private group"),
        pytest.param(replace(VENV, mode=0o700), "", id="private"),
        pytest.param(replace(VENV, mode=0o644), "", id="a file"),
        pytest.param(replace(VENV, mode=0o555), "", id="read-only"),
        pytest.param(replace(VENV, mode=0o1755), "", id="sticky and closed"),
    ],
)
def test_who_holds_the_environment_outweighs_an_earlier_yes(holding: Holding, refusal: str) -> None:
    decision = decide_trust(replace(FACTS, holdings=(ROOT, holding), record=ALLOWED))
    assert (decision.trust, decision.refusal) == (Trust.UNKNOWN if refusal else Trust.ALLOWED, refusal)


@pytest.mark.parametrize("place", [pytest.param(0, id="root"), pytest.param(1, id="venv"), pytest.param(2, id="pyvenv.cfg")])
def test_every_holding_is_looked_at(place: int) -> None:
    holdings = [ROOT, VENV, replace(VENV, path="/p/.venv/pyvenv.cfg", mode=0o644)]
    holdings[place] = replace(holdings[place], owner="eve", mine=False)
    decision = decide_trust(replace(FACTS, holdings=tuple(holdings), record=ALLOWED))
    assert decision.refusal == f"{holdings[place].path} belongs to eve"


def test_the_outermost_refusal_is_the_one_that_is_named() -> None:
    foreign = (replace(ROOT, owner="eve", mine=False), replace(VENV, owner="bob", mine=False))
    assert decide_trust(replace(FACTS, holdings=foreign)).refusal == "/p belongs to eve"


@pytest.mark.parametrize(
    ("root", "quiet"),
    [
        pytest.param(replace(ROOT, path="/tmp", owner="root", mine=False, mode=0o1777), True, id="tmp itself"),
        pytest.param(replace(ROOT, path="/tmp", mode=0o1777), True, id="tmp in a container of one's own"),
        pytest.param(replace(ROOT, owner="eve", mine=False, mode=0o1755), False, id="sticky and closed"),
        pytest.param(replace(ROOT, owner="eve", mine=False), False, id="of somebody else"),
        pytest.param(replace(ROOT, mode=0o777), False, id="open, not sticky"),
    ],
)
def test_a_refusal_is_quiet_in_a_shared_directory_only(root: Holding, quiet: bool) -> None:
    assert decide_trust(replace(FACTS, holdings=(root, VENV))).quiet is quiet


def test_a_refusal_is_not_said_of_a_denied_project() -> None:
    facts = replace(FACTS, holdings=(replace(ROOT, mode=0o777),), record=DENIED)
    assert decide_trust(facts) == TrustDecision(Trust.DENIED, "envd deny", quiet=True)


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        pytest.param(replace(FACTS, tracked=True, record=ALLOWED), TRACKED, id="allowed without naming it"),
        pytest.param(replace(FACTS, tracked=True, record=replace(ALLOWED, named=".venv")), "", id="allowed by its name"),
        pytest.param(replace(FACTS, tracked=True, record=replace(ALLOWED, named="venv")), TRACKED, id="another one named"),
        pytest.param(replace(FACTS, tracked=True, trusted_root="~/src"), TRACKED, id="in a trusted root"),
        pytest.param(replace(FACTS, tracked=True, worktree_of="/main"), TRACKED, id="in a worktree"),
        pytest.param(replace(FACTS, tracked=True), "", id="nothing was said: unknown anyway"),
    ],
)
def test_an_environment_that_git_tracks_has_to_be_named(facts: TrustFacts, refusal: str) -> None:
    assert decide_trust(facts).refusal == refusal


@pytest.mark.parametrize(
    ("path", "root", "expected"),
    [
        pytest.param("/src", "/src", True, id="itself"),
        pytest.param("/src/a", "/src", True, id="child"),
        pytest.param("/src/a/b/c", "/src", True, id="grandchild"),
        pytest.param("/src-evil", "/src", False, id="longer name"),
        pytest.param("/src-evil/a", "/src", False, id="child of a longer name"),
        pytest.param("/sr", "/src", False, id="shorter name"),
        pytest.param("/SRC/a", "/src", False, id="case"),
        pytest.param("/", "/src", False, id="parent"),
        pytest.param("/a/src", "/src", False, id="the same name elsewhere"),
        pytest.param("/src /a", "/src", False, id="trailing space"),
        pytest.param("/src\n/a", "/src", False, id="trailing newline"),
        pytest.param("/src.", "/src", False, id="trailing dot"),
        pytest.param("/src/a", "/src/", True, id="root with a slash"),
        pytest.param("/src\u0301/a", "/src", False, id="combining accent"),
        pytest.param("/src/.a", "/src/a", False, id="hidden sibling"),
    ],
)
def test_is_below_compares_components(path: str, root: str, expected: bool) -> None:
    assert is_below(PurePosixPath(path), PurePosixPath(root)) is expected
