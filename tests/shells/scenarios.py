"""What every shell must do, written once: finding, asking, trust and notices. `cases` are numbers in cases.py."""

from __future__ import annotations

import shutil
from pathlib import Path

from envd.core.answer import ANSWER_NAME, SyncState, Verdict

from .reverting import SHELL_STATE, TAKING_BACK
from .scenario import Scenario, scenario
from .steps import (
    allowed,
    allowed_when_asked,
    asked,
    blocked,
    blocked_when_asked,
    cd,
    dangling,
    directory,
    enter,
    export,
    file,
    home_is,
    is_active,
    is_missing,
    link,
    notes_are_quiet,
    nothing_is_active,
    path_is_untouched,
    path_is_venv_and,
    prompt_is,
    remove,
    run,
    said,
    shell_is_in,
    unanswered,
    unset,
    world,
)  # fmt: skip
from .surroundings import SURROUNDINGS
from .world import PATH


def _cut(answers: Path, root: Path) -> None:
    file = Path(f"{answers}{root}", ANSWER_NAME)
    file.write_bytes(file.read_bytes()[:-20])


def _dangle(file: Path) -> None:
    file.unlink()
    file.symlink_to("/nowhere/python")


ENTERING = (
    scenario("enters", allowed("p"), cd("p"), is_active("p"), prompt_is("(p) "), cases=(84,)),
    scenario("enters-below-the-root", allowed("p"), directory("p/a/b"), cd("p/a/b"), is_active("p")),
    scenario("leaves", allowed("p"), cd("p"), cd("~"), nothing_is_active(), path_is_untouched(), prompt_is("")),
    scenario("leaves-to-the-top", allowed("p"), cd("p"), cd("/"), nothing_is_active(), path_is_untouched()),
    scenario("from-one-to-another", allowed("p"), allowed("q"), cd("p"), cd("q"), is_active("q"), prompt_is("(q) "), cases=(37,)),
    scenario("nested-projects", allowed("p"), allowed("p/q"), cd("p/q"), is_active("p/q"), cd("p"), is_active("p"), cases=(70,)),
    scenario("the-directory-it-starts-in", is_active("p"), prompt_is("(p) "), prepare=(allowed("p"),), start="p", cases=(22,)),
    scenario("a-venv-elsewhere-is-not-found", unanswered("p"), directory("q"), cd("q"), asked(), nothing_is_active()),
    scenario("home-counts-in-home", world(lambda w: w.make_venv(w.home / ".venv")), enter(), asked("."), cases=(68,)),
    scenario(
        "home-does-not-count-below",
        world(lambda w: w.make_venv(w.home / ".venv")),
        enter(),
        cd("/"),
        asked(),
        prepare=(directory("x"),),
        start="x",
        cases=(68,),
    ),
    scenario(
        "a-symlinked-project-is-named-as-gone-to",
        allowed("p"),
        link("l", "p"),
        cd("l"),
        asked("l"),
        nothing_is_active(),
        cases=(65,),
    ),
    scenario("a-link-below-the-root", allowed("p"), directory("p/a"), link("p/l", "p/a"), cd("p/l"), is_active("p"), cases=(65,)),
    scenario("a-directory-with-spaces", allowed("my p"), cd("my p"), is_active("my p"), prompt_is("(my p) "), cases=(66,)),
    scenario("a-deleted-directory", directory("g"), cd("g"), remove("g"), enter(2), nothing_is_active(), cases=(63,)),
    scenario("a-deleted-project", allowed("p"), cd("p"), remove("p"), enter(), cd("/"), nothing_is_active(), cases=(63,)),
    scenario(
        "a-deleted-venv", allowed("p"), cd("p"), remove("p/.venv"), enter(), nothing_is_active(), path_is_untouched(), cases=(64,)
    ),
    scenario("half-a-venv", directory("p/.venv/bin"), file("p/.venv/pyvenv.cfg", ""), cd("p"), asked(), cases=(64,)),
    scenario("the-label-is-the-answers", allowed("p", label="acme"), cd("p"), prompt_is("(acme) ")),
    scenario(
        "a-state-worth-a-word",
        allowed("p", state=SyncState.SYNCING),
        cd("p"),
        prompt_is("(p syncing) "),
        allowed("p", state=SyncState.FAILED),
        enter(),
        prompt_is("(p failed) "),
        allowed("p", state=SyncState.PAUSED),
        enter(),
        prompt_is("(p paused) "),
        allowed("p", state=SyncState.STALE),
        enter(),
        prompt_is("(p) "),
        allowed("p"),
        enter(4),
        prompt_is("(p) "),
        cd("~"),
        prompt_is(""),
    ),
    scenario("a-new-label", allowed("p"), cd("p"), allowed("p", label="acme"), enter(), prompt_is("(acme) ")),
    scenario(
        "an-answer-taken-back", allowed("p"), cd("p"), world(lambda w: w.withdraw("p")), enter(), asked("p"), nothing_is_active()
    ),
    scenario("the-shell-says-where-it-is", allowed("p"), cd("p"), enter(), shell_is_in("p"), cd("~"), enter(), shell_is_in("")),
    scenario("no-directory-to-say-it-in", world(lambda w: shutil.rmtree(w.shells)), allowed("p"), cd("p"), is_active("p")),
)

ASKING = (
    scenario("asks-and-enters", allowed_when_asked("p"), cd("p"), is_active("p"), asked("p")),
    scenario("asks-once", unanswered("p"), cd("p"), enter(3), asked("p"), nothing_is_active()),
    scenario("asks-once-below-the-root", unanswered("p"), directory("p/a"), cd("p"), cd("p/a"), cd("p"), asked("p")),
    scenario("asks-again-after-something-else", unanswered("p"), cd("p"), cd("~"), cd("p"), asked("p", "p")),
    scenario("asks-about-each", unanswered("p"), unanswered("q"), cd("p"), cd("q"), asked("p", "q")),
    scenario("a-venv-appears", directory("p"), cd("p"), allowed_when_asked("p"), enter(), is_active("p"), asked("p"), cases=(32,)),
    scenario("an-answer-appears", blocked("p"), cd("p"), allowed("p"), enter(), is_active("p"), asked()),
    scenario("other-names", world(lambda w: w.make_venv(w.at("p/venv"))), cd("p"), enter(), asked("p")),
    scenario("a-redirect-file", file("p/.venv", "/somewhere\n"), cd("p"), enter(), asked("p")),
    scenario("a-replaced-venv-is-asked-about", allowed("p"), remove("p/.venv"), unanswered("p"), cd("p"), asked("p"),
             nothing_is_active()),
    scenario("a-blocked-answer-needs-its-venv", blocked("p"), remove("p/.venv"), cd("p"), asked(), nothing_is_active()),
    scenario("another-seal", allowed("p"), world(lambda w: w.seal("p", "0")), cd("p"), asked("p"), nothing_is_active()),
    scenario("a-venv-whose-python-is-gone", allowed("p"), world(lambda w: _dangle(w.at("p/.venv/bin/python"))), cd("p"), asked("p"),
             nothing_is_active()),
    scenario("a-venv-without-its-python", allowed("p"), world(lambda w: w.at("p/.venv/bin/python").unlink()), cd("p"), asked(),
             nothing_is_active()),
    scenario("no-seal", allowed("p"), world(lambda w: w.seal("p")), cd("p"), asked("p"),
             nothing_is_active()),
    scenario("an-answer-cut-short", allowed("p"), world(lambda w: _cut(w.answers, w.at("p"))), cd("p"), asked("p"),
             nothing_is_active()),
    scenario("an-answer-of-another-place", allowed("p"), directory("q"), world(lambda w: w.at("p").rename(w.at("q/p"))), cd("q/p"),
             asked("q/p"), nothing_is_active()),
    scenario("a-broken-venv-that-was-mended", blocked("p", verdict=Verdict.BROKEN), cd("p"), asked("p")),
)  # fmt: skip

TRUST = (
    scenario("blocked-is-not-on-path", blocked("p"), cd("p"), nothing_is_active(), path_is_untouched(), asked(), cases=(71,)),
    scenario("unknown-is-not-on-path", unanswered("p"), cd("p"), nothing_is_active(), path_is_untouched(), cases=(71,)),
    scenario("from-allowed-to-blocked", allowed("p"), blocked("q"), cd("p"), cd("q"), nothing_is_active(),
             path_is_untouched(), cases=(73,)),
    scenario("blocked-within-allowed", allowed("p"), blocked("p/q"), cd("p"), cd("p/q"), nothing_is_active(),
             path_is_untouched(), cases=(73,)),
    scenario("denied-while-inside", allowed("p"), cd("p"), blocked("p"), enter(), nothing_is_active()),
    scenario("nothing-of-it-is-sourced", file("p/.venv/bin/activate", "touch PWN\n"), allowed("p"), cd("p"), enter(),
             is_missing("p/PWN"),
             prepare=(unanswered("p"),), cases=(71,)),
    scenario("activate-fish-is-not-sourced", file("p/.venv/bin/activate.fish", "touch PWN\n"), allowed("p"), cd("p"),
             is_missing("p/PWN"),
             prepare=(unanswered("p"),), cases=(71,)),
)  # fmt: skip

# A shell that has been in one place for some prompts has remembered what must stay as it is: any change is seen all the same.
_SETTLED = (cd("p"), enter(4), is_active("p"))
SETTLED = (
    scenario("settled-denied", allowed("p"), *_SETTLED, blocked("p"), enter(), nothing_is_active(), path_is_untouched()),
    scenario("settled-withdrawn", allowed("p"), *_SETTLED, world(lambda w: w.withdraw("p")), enter(), nothing_is_active()),
    scenario("settled-a-new-label", allowed("p"), *_SETTLED, allowed("p", label="acme"), enter(), prompt_is("(acme) ")),
    scenario("settled-news", allowed("p"), *_SETTLED, allowed("p", notice="n1", text="synced"), enter(2), said("synced")),
    scenario("settled-news-again", allowed("p"), *_SETTLED, allowed("p", notice="n1", text="synced"), enter(4),
             allowed("p", notice="n2", text="again"), enter(2), said("again")),
    scenario("settled-another-seal", allowed("p"), *_SETTLED, world(lambda w: w.seal("p", "0")), enter(), asked("p"),
             nothing_is_active()),
    scenario("settled-without-the-seal", allowed("p"), *_SETTLED, world(lambda w: w.seal("p")), enter(),
             asked("p"), nothing_is_active()),
    scenario("settled-deleted", allowed("p"), *_SETTLED, remove("p/.venv"), enter(), nothing_is_active()),
    scenario("settled-without-its-python", allowed("p"), *_SETTLED, world(lambda w: w.at("p/.venv/bin/python").unlink()), enter(),
             nothing_is_active()),
    scenario("settled-and-something-nearer", allowed("p"), directory("p/a/b"), cd("p/a/b"), enter(4), is_active("p"),
             allowed_when_asked("p/a"), enter(), is_active("p/a")),
    scenario("settled-outside-and-a-venv-appears", directory("p/a/b"), cd("p/a/b"), enter(4), allowed_when_asked("p"), enter(),
             is_active("p")),
    scenario("settled-and-off", allowed("p"), *_SETTLED, run("envd off"), enter(4), nothing_is_active(), run("envd on"),
             is_active("p")),
    scenario("settled-and-disabled", allowed("p"), *_SETTLED, export("ENVD_DISABLE", "1"), enter(4), nothing_is_active(),
             unset("ENVD_DISABLE"), enter(), is_active("p")),
    scenario("settled-and-deactivated", allowed("p"), *_SETTLED, run("deactivate"), enter(4), nothing_is_active(), cd("~"),
             cd("p"), is_active("p")),
    scenario("settled-and-off-with-another-variable-gone", allowed("p"), export("VIRTUAL_ENV_DISABLE_PROMPT", "1"), *_SETTLED,
             run("envd off"), unset("VIRTUAL_ENV_DISABLE_PROMPT"), enter(), nothing_is_active()),
    scenario("settled-and-home-moves-here", allowed("p"), directory("p/a/b"), cd("p/a"), enter(4), is_active("p"),
             home_is("p/a/b"), enter(), nothing_is_active()),
    scenario("settled-and-another-venv-moves-in", allowed("p"), allowed("q"), *_SETTLED, remove("p/.venv"),
             world(lambda w: w.at("q/.venv").rename(w.at("p/.venv"))), enter(), asked("p"), nothing_is_active()),
    scenario("settled-beside-a-stale-answer", allowed("p"), allowed("p/q"), remove("p/q/.venv"), directory("p/q/venv"), cd("p/q"),
             enter(4), is_active("p"), notes_are_quiet(), path_is_venv_and("p", PATH)),
    scenario("settled-and-a-broken-link-comes-nearer", allowed("p"), directory("p/q"), cd("p/q"), enter(4), is_active("p"),
             dangling("p/q"), enter(), nothing_is_active()),
    scenario("settled-without-a-label", allowed("p"), *_SETTLED, export("VIRTUAL_ENV_DISABLE_PROMPT", "1"), enter(), prompt_is("")),
    scenario("settled-and-there-and-back", allowed("p"), allowed("q"), *_SETTLED, cd("q"), enter(4), is_active("q"), cd("p"),
             is_active("p"), cd("~"), enter(4), nothing_is_active(), path_is_untouched()),
)  # fmt: skip

# An answer that was read is good for the next time, for as long as nothing has changed.
_AND_OUT = (cd("p"), is_active("p"), cd("~"))
RETURNING = (
    scenario("back-again", allowed("p"), *_AND_OUT, cd("p"), is_active("p"), shell_is_in("p"), cd("~"), nothing_is_active(),
             shell_is_in("")),
    scenario("back-to-what-was-denied", allowed("p"), *_AND_OUT, blocked("p"), cd("p"), nothing_is_active()),
    scenario("back-to-what-was-denied-on-leaving", allowed("p"), cd("p"), enter(3), blocked("p"), cd("~"), cd("p"),
             nothing_is_active()),
    scenario("back-to-what-was-withdrawn", allowed("p"), *_AND_OUT, world(lambda w: w.withdraw("p")), cd("p"), asked("p"),
             nothing_is_active()),
    scenario("back-to-a-new-label", allowed("p"), *_AND_OUT, allowed("p", label="acme"), cd("p"), prompt_is("(acme) ")),
    scenario("back-to-a-failure", allowed("p"), *_AND_OUT, allowed("p", notice="n1", text="failed", state=SyncState.FAILED),
             cd("p"), said("failed"), prompt_is("(p failed) ")),
    scenario("back-to-a-replaced-venv", allowed("p"), *_AND_OUT, remove("p/.venv"), unanswered("p"), cd("p"), asked("p"),
             nothing_is_active()),
    scenario("back-to-another-seal", allowed("p"), *_AND_OUT, world(lambda w: w.seal("p", "0")), cd("p"), asked("p"),
             nothing_is_active()),
    scenario("back-to-another-seal-on-leaving", allowed("p"), cd("p"), enter(3), world(lambda w: w.seal("p", "0")), cd("~"),
             cd("p"), nothing_is_active()),
    scenario("back-to-a-venv-without-its-python", allowed("p"), *_AND_OUT, world(lambda w: w.at("p/.venv/bin/python").unlink()),
             cd("p"), asked(), nothing_is_active()),
    scenario("back-to-a-venv-that-moved-in", allowed("p"), allowed("q"), *_AND_OUT, remove("p/.venv"),
             world(lambda w: w.at("q/.venv").rename(w.at("p/.venv"))), cd("p"), asked("p"), nothing_is_active()),
    scenario("back-to-a-nested-one-that-goes", allowed("p"), allowed("p/q"), cd("p/q"), cd("/"), cd("p/q"), is_active("p/q"),
             remove("p/q/.venv"), enter(), is_active("p"), cases=(70,)),
    scenario("back-by-way-of-another", allowed("p"), allowed("q"), *_AND_OUT, cd("q"), is_active("q"), cd("p"), is_active("p"),
             allowed("q", label="acme"), cd("q"), prompt_is("(acme) ")),
    scenario("back-by-way-of-a-blocked-one", allowed("p"), blocked("q"), *_AND_OUT, cd("q"), enter(3), nothing_is_active(),
             shell_is_in(""), cd("p"), is_active("p"), shell_is_in("p")),
)  # fmt: skip

NOTICES = (
    scenario("a-blocked-notice-once", blocked("p", "n1", "p is not allowed"), cd("p"), enter(3), cd("~"), cd("p"),
             said("p is not allowed"), cases=(72,)),
    scenario("a-blocked-notice-after-asking", blocked_when_asked("p", "n1", "p is not allowed"), cd("p"), enter(2),
             said("p is not allowed"), asked("p"), cases=(72,)),
    scenario("a-new-notice", blocked("p", "n1", "first"), cd("p"), blocked("p", "n2", "second"), enter(2), said("first"),
             said("second")),
    scenario("news-inside", allowed("p"), cd("p"), allowed("p", notice="n1", text="synced"), enter(2), said("synced")),
    scenario("no-old-news-on-the-way-in", allowed("p", notice="n1", text="synced"), cd("p"), enter(3), said("synced", 0)),
    scenario("what-a-command-said-itself", allowed("p"), cd("p"), prompt_is("(p) "), allowed_when_asked("p", "n1", "synced"),
             run("envd sync"), enter(2), said("synced", 0), allowed("p", notice="n2", text="again"), enter(2), said("again")),
    scenario("what-undo-said-itself", allowed("p"), cd("p"), prompt_is("(p) "), allowed_when_asked("p", "n1", "undone"),
             run("envd undo 3"), enter(2), said("undone", 0), allowed("p", notice="n2", text="again"), enter(2), said("again")),
    scenario("what-allow-said-itself", blocked("p"), cd("p"), allowed_when_asked("p", "n1", "held back"), run("envd allow --build"),
             is_active("p"), enter(2), said("held back", 0), allowed("p", notice="n2", text="synced"), enter(2), said("synced")),
    scenario("what-allow-said-of-another", allowed("p"), blocked("q"), cd("p"), allowed_when_asked("p", "n1", "synced"),
             run("envd allow ../q"), enter(2), said("synced")),
    scenario("a-failure-on-the-way-in", allowed("p", notice="n1", text="failed", state=SyncState.FAILED), cd("p"), enter(),
             said("failed")),
    scenario("a-pause-on-the-way-in", allowed("p", notice="n1", text="paused", state=SyncState.PAUSED), cd("p"), enter(),
             said("paused")),
    scenario("a-notice-is-text", blocked("p", "n1", "%s $(touch PWN) `touch PWN` \\n"), cd("p"), enter(),
             said("%s $(touch PWN) `touch PWN` \\n"), is_missing("p/PWN"), cases=(58,)),
)  # fmt: skip

TABLE: tuple[Scenario, ...] = (
    *ENTERING,
    *ASKING,
    *TRUST,
    *SETTLED,
    *RETURNING,
    *NOTICES,
    *TAKING_BACK,
    *SHELL_STATE,
    *SURROUNDINGS,
)
