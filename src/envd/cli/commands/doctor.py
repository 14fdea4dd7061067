"""`envd doctor`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict

from envd.cli.place import here
from envd.cli.terminal import paint, say
from envd.core.errors import DONE, EnvdError
from envd.operations.context import open_tolerant_context
from envd.operations.doctor import Asker, Finding, examine
from envd.system.liveness import words_of

DESCRIPTION = (
    "Look at everything that has to be right for envd to work here, and say how to mend what is not. Exits 1 when something is."
)
JSON_VERSION = 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--json", action="store_true", help="write JSON")


def run(arguments: argparse.Namespace) -> int:
    """Examine and show."""
    context, trouble = open_tolerant_context()
    asker = Asker(here(), os.environ, words_of(os.getppid()), at_terminal=sys.stdin.isatty())
    findings = list(examine(context, trouble, asker))
    if arguments.json:
        listed = [{**asdict(finding), "problem": finding.is_problem} for finding in findings]
        say(json.dumps({"version": JSON_VERSION, "findings": listed}, indent=2))
    else:
        for finding in findings:
            _show(finding)
    return EnvdError.exit_code if any(finding.is_problem for finding in findings) else DONE


def _show(finding: Finding) -> None:
    mark, colour = ("✗", "red") if finding.is_problem else ("·", "yellow") if finding.mend else ("✓", "green")
    say(f"{paint(mark, colour)} {finding.text}")
    if finding.mend:
        say(f"    {finding.mend}")
