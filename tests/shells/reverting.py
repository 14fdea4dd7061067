"""What every shell must do, written once: taking back exactly what was put in, switching off, and keeping the shell as it was."""

from __future__ import annotations

import shutil

from .driver import PROMPT, Shell
from .scenario import scenario
from .steps import (
    allowed,
    asked,
    assign,
    blocked,
    cd,
    directory,
    ends_with,
    enter,
    export,
    file,
    is_active,
    is_exported,
    is_missing,
    is_not_exported,
    is_set,
    is_unset,
    nothing_is_active,
    path_is,
    path_is_untouched,
    path_is_venv_and,
    prompt_is,
    remove,
    run,
    said,
    the_record_is_small,
    typed,
    unanswered,
    unset,
    variable,
    world,
)  # fmt: skip
from .world import PATH

FISH_LISTS = ("fish", "fish keeps PATH as a list of directories and makes '.' of an empty one")
PWSH_EMPTY = ("pwsh", "PowerShell has no empty variable before 7.5")
PWSH_PLAIN = ("pwsh", "in PowerShell a variable is not one of the environment")
PWSH_NEW_PROMPT = ("pwsh", "a new prompt takes the place of the wrapped one until the next change of directory")


def _append(shell: Shell) -> str:
    return {"fish": "set -a PATH /my", "pwsh": "$env:PATH += ':/my'"}.get(shell.name, "PATH=$PATH:/my")


TAKING_BACK = (
    scenario("an-edit-of-path-stays", allowed("p"), cd("p"), typed(lambda s: s.prepend("/my")), cd("~"),
             path_is(f"/my:{PATH}")),  # 34
    scenario("an-appended-entry-stays", allowed("p"), cd("p"), typed(_append), cd("~"), path_is(f"{PATH}:/my")),  # 34
    scenario("an-edit-of-path-goes-along", allowed("p"), allowed("q"), cd("p"), typed(lambda s: s.prepend("/my")), cd("q"),
             path_is_venv_and("q", f"/my:{PATH}")),  # 34, 37
    scenario("a-second-occurrence-stays", allowed("p"), typed(lambda s: s.prepend(str(s.world.at("p/.venv/bin")))), cd("p"),
             cd("~"),
             path_is_venv_and("p", PATH)),  # 35
    scenario("put-in-front-after-the-hook", path_is_venv_and("p", f"/my:{PATH}"), cd("~"), path_is(f"/my:{PATH}"),
             prepare=(allowed("p"),), start="p", after=lambda s: s.prepend("/my")),  # 36, 46, 47
    scenario("empty-entries-stay", cd("p"), cd("~"), path_is(f":{PATH}::/b:"),
             prepare=(allowed("p"), variable("PATH", f":{PATH}::/b:")), not_in=(FISH_LISTS,)),  # 44
    scenario("no-empty-entry-is-made", cd("p"), path_is_venv_and("p", PATH), prepare=(allowed("p"),)),  # 44
    scenario("an-empty-virtual-env", cd("p"), is_active("p"), cd("~"), is_exported("VIRTUAL_ENV", ""),
             prepare=(allowed("p"), variable("VIRTUAL_ENV", "")), not_in=(PWSH_EMPTY,)),  # 40
    scenario("an-exported-prompt-label", cd("p"), is_active("p"), cd("~"), is_exported("VIRTUAL_ENV_PROMPT", "mine"),
             prepare=(allowed("p"), variable("VIRTUAL_ENV_PROMPT", "mine"))),  # 40
    scenario("pythonhome-is-hidden", cd("p"), is_unset("PYTHONHOME"), cd("~"), is_exported("PYTHONHOME", "/x y"),
             prepare=(allowed("p"), variable("PYTHONHOME", "/x y"))),  # 43
    scenario("an-empty-pythonhome", cd("p"), is_unset("PYTHONHOME"), cd("~"), is_exported("PYTHONHOME", ""),
             prepare=(allowed("p"), variable("PYTHONHOME", "")), not_in=(PWSH_EMPTY,)),  # 40
    scenario("a-pythonhome-of-this-shell-only", allowed("p"), assign("PYTHONHOME", "/x"), cd("p"), is_unset("PYTHONHOME"), cd("~"),
             is_set("PYTHONHOME", "/x"), is_not_exported("PYTHONHOME"), not_in=(PWSH_PLAIN,)),  # 41
    scenario("an-empty-pythonhome-of-this-shell-only", allowed("p"), assign("PYTHONHOME", ""), cd("p"), is_unset("PYTHONHOME"),
             cd("~"),
             is_set("PYTHONHOME", ""), is_not_exported("PYTHONHOME"), not_in=(PWSH_PLAIN,)),  # 40, 41
    scenario("a-pythonhome-set-meanwhile", cd("p"), export("PYTHONHOME", "/new"), cd("~"), is_exported("PYTHONHOME", "/new"),
             prepare=(allowed("p"), variable("PYTHONHOME", "/old"))),  # 42, 43
    scenario("pythonhome-from-one-to-another", cd("p"), cd("q"), is_unset("PYTHONHOME"), cd("~"), is_exported("PYTHONHOME", "/x"),
             prepare=(allowed("p"), allowed("q"), variable("PYTHONHOME", "/x"))),  # 43
    scenario("pythonpath-is-not-touched", cd("p"), is_exported("PYTHONPATH", "/x"), prepare=(allowed("p"), variable("PYTHONPATH",
             "/x"))),
    scenario("a-label-set-meanwhile", allowed("p"), cd("p"), export("VIRTUAL_ENV_PROMPT", "mine"), cd("~"),
             is_exported("VIRTUAL_ENV_PROMPT", "mine")),  # 42
    scenario("another-virtual-env-by-hand", allowed("p"), cd("p"), export("VIRTUAL_ENV", "/x"), cd("~"), cd("p"), cd("/"),
             is_exported("VIRTUAL_ENV", "/x")),  # 42, 52
    scenario("by-hand-before", cd("p"), is_exported("VIRTUAL_ENV", "/x"), path_is_untouched(), prompt_is(""), asked(),
             prepare=(allowed("p"), unanswered("q"), variable("VIRTUAL_ENV", "/x"))),  # 52
    scenario("virtual-env-unset-means-off", allowed("p"), directory("p/a"), cd("p"), unset("VIRTUAL_ENV"), enter(),
             nothing_is_active(),
             cd("p/a"), nothing_is_active(), path_is_untouched()),  # 53
    scenario("the-record-is-small", allowed("p"), cd("p"), the_record_is_small()),  # 50
)  # fmt: skip

SHELL_STATE = (
    scenario("status-kept-on-the-way", allowed("p"), ends_with("p", 7), ends_with("~", 7)),  # 1, 3, 4
    scenario("the-prompt-stays-one", allowed("p"), cd("p"), enter(5), prompt_is("(p) ")),  # 56
    scenario("changes-within-a-second", allowed("p"), cd("p"), allowed("p", label="a"), enter(), prompt_is("(a) "),
             allowed("p", label="b"), enter(), prompt_is("(b) ")),  # 33
    scenario("no-label-when-the-user-wants-none", cd("p"), is_active("p"), prompt_is(""),
             prepare=(allowed("p"), variable("VIRTUAL_ENV_DISABLE_PROMPT", "1"))),  # 57
    scenario("ps1-is-not-exported", allowed("p"), cd("p"), is_not_exported("PS1")),  # 60
    scenario("deactivate", allowed("p"), directory("p/a"), cd("p"), run("deactivate"), nothing_is_active(), path_is_untouched(),
             prompt_is(""), cd("p/a"), nothing_is_active()),  # 53
    scenario("deactivate-until-left", allowed("p"), cd("p"), run("deactivate"), cd("~"), cd("p"), is_active("p")),  # 53
    scenario("deactivate-until-on", allowed("p"), cd("p"), run("deactivate"), run("envd on"), is_active("p")),  # 53
    scenario("deactivate-is-there-only-inside", allowed("p"), cd("p"), cd("~"), file("bin/deactivate", "#!/bin/sh\n: >$HOME/ran\n"),
             typed(lambda s: s.prepend(str(s.world.at("bin")))), run("deactivate"), world(lambda w: w.at("ran").unlink())),  # 54
    scenario("off", allowed("p"), cd("p"), run("envd off"), nothing_is_active(), prompt_is(""), cd("~"), cd("p"),
             nothing_is_active()),  # 81
    scenario("off-asks-nothing", unanswered("p"), run("envd off"), cd("p"), enter(), asked()),  # 81
    scenario("on-again", allowed("p"), cd("p"), run("envd off"), run("envd on"), is_active("p")),  # 81
    scenario("disabled-from-the-start", cd("p"), nothing_is_active(), cd("q"), asked(),
             prepare=(allowed("p"), unanswered("q"), variable("ENVD_DISABLE", "1"))),  # 81
    scenario("disabled-says-nothing", cd("p"), enter(), said("no", 0),
             prepare=(blocked("p", "n1", "no"), variable("ENVD_DISABLE", "1"))),  # 81
    scenario("disabled-meanwhile", allowed("p"), cd("p"), export("ENVD_DISABLE", "1"), enter(), nothing_is_active(),
             path_is_untouched()),
    scenario("unhook", allowed("p"), cd("p"), run("envd unhook"), nothing_is_active(), path_is_untouched(), prompt_is(""),
             cd("~"), cd("p"),
             nothing_is_active()),  # 82
    scenario("the-daemon-is-gone", allowed("p"), world(lambda w: shutil.rmtree(w.shells)), cd("p"), is_active("p"), cd("~"),
             nothing_is_active()),  # 74
    scenario("envd-is-gone", allowed("p"), unanswered("q"), world(lambda w: w.python.unlink()), cd("q"), enter(),
             nothing_is_active(),
             cd("p"), is_active("p"), cd("~"), nothing_is_active()),  # 79
    scenario("all-of-envd-is-gone", allowed("p"), cd("p"), world(lambda w: w.python.unlink()),
             world(lambda w: w.answers.rename(w.base / "x")), enter(),
             nothing_is_active(), cd("~"), cd("p"), nothing_is_active()),  # 79
    scenario("unhook-when-envd-is-gone", world(lambda w: w.python.unlink()), run("envd unhook"), enter()),  # 79, 82
    scenario("the-program-is-not-of-the-venv", file("p/.venv/bin/envd", "#!/bin/sh\n: >$HOME/PWN\n"), cd("p"), run("envd on"),
             is_missing("PWN"), prepare=(allowed("p"),)),  # 80
    scenario("loaded-twice", allowed("p"), cd("p"), enter(2), is_active("p"), prompt_is("(p) "), cd("~"), nothing_is_active(),
             prompt_is(""),
             after=lambda s: s.source(str(s.world.base / f"hook.{s.suffix}"))),  # 19
    scenario("loaded-again-inside", allowed("p"), cd("p"), typed(lambda s: s.source(str(s.world.base / f"hook.{s.suffix}"))),
             is_active("p"), prompt_is("(p) "), cd("~"), nothing_is_active()),  # 19
    scenario("a-prompt-made-anew", allowed("p"), cd("p"), typed(lambda s: s.prompt_is(f"new {PROMPT}")), prompt_is("(p) new "),
             cd("~"),
             prompt_is("new "), not_in=(PWSH_NEW_PROMPT,)),  # 56
    scenario("a-new-tool-is-found", file("old/tool", "#!/bin/sh\necho old\n"), allowed("p"),
             typed(lambda s: s.prepend(str(s.world.at("old")))),
             cd("p"), run("tool"), file("p/.venv/bin/tool", "#!/bin/sh\n: >$HOME/new\n"), allowed("p"), enter(), run("tool"),
             world(lambda w: w.at("new").unlink())),  # 48
    scenario("other-variables-are-left", allowed("p"), *(assign(name, "mine") for name in ("dir", "name", "root", "venv",
             "code")), cd("p"), cd("~"),
             *(is_set(name, "mine") for name in ("dir", "name", "root", "venv", "code")), not_in=(PWSH_PLAIN,)),  # 11
    scenario("a-home-with-a-slash", cd("x"), cd("~"), asked("."), prepare=(
        directory("x"), world(lambda w: w.make_venv(w.home / ".venv")), world(lambda w: w.extra.update(HOME=f"{w.home}/"))),
        start="x"),
    scenario("deleted-while-away", allowed("p"), cd("p"), cd("~"), remove("p"), enter(), nothing_is_active()),
)  # fmt: skip
