"""One file a command. A row of the table is all that makes it known; its module is imported when it is used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """A command's name, its module in this package, and what `envd help` says of it; no help keeps it out of there."""

    name: str
    module: str
    help: str = ""


COMMANDS = (
    Command("allow", "allow", "allow the project here: activate its environment, keep its packages in sync"),
    Command("deny", "deny", "deny the project here: leave it alone and do not mention it"),
    Command("forget", "forget", "forget a project: as if it had never been allowed or denied"),
    Command("init", "init", "make the environment of the project here"),
    Command("status", "status", "show the environment, its packages and the daemon"),
    Command("why", "why", "say why things are as they are: which file decides, and why not another"),
    Command("sync", "sync", "make the packages match the manifest now"),
    Command("wait", "wait", "wait for the sync that runs or is due for the project here"),
    Command("undo", "undo", "bring back the environment as it was before a sync"),
    Command("freeze", "freeze", "write down what is installed, or put a package into the manifest"),
    Command("run", "run", "run a command in the environment of the project here"),
    Command("log", "log", "show what syncs ran and what they printed"),
    Command("off", "switch", "switch envd off in this shell"),
    Command("on", "switch", "switch envd on again in this shell"),
    Command("unhook", "switch", "take envd out of this shell"),
    Command("daemon", "daemon", "run, start, stop or look at the background process"),
    Command("setup", "setup", "connect envd to your shells, or remove it"),
    Command("doctor", "doctor", "look for what keeps envd from working here, and say how to mend it"),
    Command("hook", "hook", "print the hook of a shell"),
    Command("completions", "completions", "print the completions of a shell"),
    Command("help", "help", "show help for a command"),
    Command("ask", "ask"),
    Command("prune", "prune"),
    Command("man", "man"),
)
