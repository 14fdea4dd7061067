"""The PowerShell hook as a parser sees it: that it is valid, and the rules of it that can be told without PowerShell."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HOOK = Path(__file__).parents[2] / "shell" / "envd.ps1"
GRAMMARS = ("tree_sitter_pwsh", "tree_sitter_powershell")

# Every command of a function that is no function of the hook's own, with the reason why it may stand there.
COMMANDS = {
    "__envd_safely": {
        "Microsoft.PowerShell.Core\\Set-StrictMode": "the caller's strictness reaches into what is called; ends with the function",
        "& $step": "a function of the hook, by name",
    },
    "__envd_wrap_prompt": {
        "Microsoft.PowerShell.Utility\\Write-Error": "the one way to give $? to the user's prompt; only after a failed command",
        "& $theirs": "the user's prompt",
    },
    "__envd_leave": {"& $function:deactivate": "the user's own activate, undone its own way; not on an unchanged prompt"},
    "envd": {"& $python": "the program itself, typed by the user"},
    "__envd_load": {"Microsoft.PowerShell.Utility\\Register-EngineEvent": "once a shell, at load"},
    "__envd_unhook": {"Microsoft.PowerShell.Management\\Remove-Item": "typed by the user, once"},
}
GLOBALS = {"$global:__envd", "$global:Error", "$global:LASTEXITCODE"}
FUNCTIONS_OF_THE_USER = {"envd", "deactivate", "prompt", "psconsolehostreadline"}
NEEDS_CHAR = {"startswith", "endswith", "indexof", "lastindexof", "trimstart", "trimend"}
CULTURAL = {"compareto", "tolower", "toupper", "compare"}
LOGICAL = {"-and", "-or", "-join"}
NUMERIC = {"-lt", "-gt"}


class Source:
    """The nodes of one PowerShell text, by one grammar."""

    def __init__(self, grammar: str, text: str) -> None:
        tree_sitter = pytest.importorskip("tree_sitter", reason="tree-sitter is not installed")
        parser = tree_sitter.Parser(tree_sitter.Language(language_of(grammar).language()))
        self.root = parser.parse(text.encode()).root_node

    def all(self, *types: str) -> list[Any]:
        return [node for node in walk(self.root) if kind(node) in types]


def language_of(grammar: str) -> ModuleType:
    try:
        return importlib.import_module(grammar)
    except ImportError:
        pytest.skip(f"{grammar.replace('_', '-')} is not installed")


def walk(node: Any) -> Iterator[Any]:
    yield node
    for child in node.children:
        yield from walk(child)


def kind(node: Any) -> str:
    """Return the type of a node; the two grammars spell some differently."""
    return str(node.type).replace("invokation", "invocation").replace("assignement", "assignment")


def text_of(node: Any) -> str:
    return str(node.text.decode())


def function_around(node: Any) -> str:
    """Return the name of the innermost function that holds the node, without its scope, or ''."""
    while node is not None and kind(node) != "function_statement":
        node = node.parent
    return "" if node is None else name_of(node)


def name_of(function: Any) -> str:
    return next(text_of(child) for child in function.children if kind(child) == "function_name").removeprefix("global:")


def errors(source: Source) -> list[str]:
    return [f"{node.start_point}: {text_of(node)[:60]}" for node in walk(source.root) if node.is_error or node.is_missing]


def foreign_commands(source: Source) -> set[tuple[str, str]]:
    """Return (function, command) for every command in a function that is not one of the functions defined here."""
    own = {name_of(node) for node in source.all("function_statement")}
    found = set()
    for node in source.all("command"):
        name = next(text_of(child) for child in node.children if kind(child) in {"command_name", "command_name_expr"})
        if text_of(node).startswith("&"):
            name = f"& {name}"
        if name not in own and function_around(node):
            found.add((function_around(node), name))
    return found


def stray_globals(source: Source) -> set[str]:
    """Return what is defined or touched outside a function's own scope, without the name that marks it as envd's."""
    found = {name_of(node) for node in source.all("function_statement") if not name_of(node).startswith("__envd_")}
    found -= FUNCTIONS_OF_THE_USER
    for node in source.all("variable"):
        scope, _, name = text_of(node).strip("${}").lower().partition(":")
        if scope in {"script", "private", "using"} or (scope == "global" and text_of(node) not in GLOBALS):
            found.add(text_of(node))
        if scope == "function" and name.removeprefix("global:") not in FUNCTIONS_OF_THE_USER:
            found.add(text_of(node))
    return found


def cultural_comparisons(source: Source) -> list[str]:
    """Return every comparison that ignores case or follows the culture; those with $null and between numbers do neither."""
    found = [text_of(node)[:60] for node in source.all("switch_statement")]
    for node in source.all("comparison_operator"):
        left, operator, right = text_of(node.prev_sibling), text_of(node).lower(), text_of(node.next_sibling)
        with_null = operator in {"-eq", "-ne"} and "$null" in {left, right}
        with_number = operator in NUMERIC | {"-eq", "-ne"} and is_number(right)
        if operator not in LOGICAL and not with_null and not with_number:
            found.append(text_of(node.parent))
    for node in source.all("invocation_expression"):
        member = next((text_of(child).lower() for child in node.children if kind(child) == "member_name"), "")
        arguments = next((text_of(child) for child in node.children if kind(child) == "argument_list"), "()")
        if member in CULTURAL or (member in NEEDS_CHAR and not arguments.startswith("([char]")):
            found.append(text_of(node))
    return found


def is_number(text: str) -> bool:
    return text.isdigit() or text.endswith(".Length")


@pytest.fixture(params=GRAMMARS)
def grammar(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def hook(grammar: str) -> Source:
    return Source(grammar, HOOK.read_text())


def test_hook_parses(hook: Source) -> None:
    assert errors(hook) == []


@pytest.mark.case(11, shell="pwsh")
def test_every_global_bears_the_name_of_envd(hook: Source) -> None:
    assert stray_globals(hook) == set()


def test_every_function_is_global(hook: Source) -> None:
    names = [text_of(node) for node in hook.all("function_name")]
    assert [name for name in names if not name.startswith("global:")] == []
    assert len(names) == len(set(names))


@pytest.mark.case(12, shell="pwsh")
def test_no_cmdlet_but_the_justified_ones_is_called_in_a_function(hook: Source) -> None:
    allowed = {(function, command) for function, commands in COMMANDS.items() for command in commands}
    assert foreign_commands(hook) == allowed


def test_no_comparison_follows_the_culture(hook: Source) -> None:
    assert cultural_comparisons(hook) == []


@pytest.mark.case(11, shell="pwsh")
def test_loading_leaves_no_variable_behind(hook: Source) -> None:
    """Outside of functions there is one block with a scope of its own, and the call that loads."""
    (statements,) = (node for node in hook.root.children if kind(node) == "statement_list")
    others = [text_of(node) for node in statements.children if kind(node) not in {"function_statement", "comment"}]
    assert len(others) == 2
    assert others[0].startswith("& {")
    assert others[1] == "__envd_safely __envd_load"


def test_constants_stand_between_their_markers() -> None:
    lines = [line.strip() for line in HOOK.read_text().splitlines()]
    first, last = lines.index("# envd: constants"), lines.index("# envd: end of constants")
    names = [line.split(" = ")[0] for line in lines[first + 1 : last]]
    assert names == ["$__envd_answers", "$__envd_shells", "$__envd_python", "$__envd_names", "$__envd_mark"]


def test_constants_of_any_kind_parse(grammar: str) -> None:
    text = HOOK.read_text()
    awkward = "/home/it''s a \u2019\u2019$(x)`\"/python"
    assert errors(Source(grammar, text.replace("$__envd_python = ''", f"$__envd_python = '{awkward}'"))) == []


@pytest.mark.parametrize(
    "statement",
    [
        "if ($a -eq 'b') { 1 }",
        "if ($a -ceq $b) { 1 }",
        "$a -like 'b*'",
        "$a -notmatch 'b'",
        "$a -in $b",
        "switch ($a) { 'b' { 1 } }",
        "$a.StartsWith('b')",
        "$a.LastIndexOf($b)",
        "$a.ToLower()",
    ],
)
def test_a_cultural_comparison_is_found(grammar: str, statement: str) -> None:
    assert len(cultural_comparisons(Source(grammar, f"function global:__envd_x {{ {statement} }}"))) == 1


@pytest.mark.parametrize(
    "statement", ["Get-Item x", "& $any 1", "$a | ForEach-Object { 1 }", "if (Test-Path x) { 1 }", "{ echo 1 }"]
)
def test_a_cmdlet_is_found(grammar: str, statement: str) -> None:
    assert len(foreign_commands(Source(grammar, f"function global:__envd_x {{ {statement} }}"))) == 1


@pytest.mark.parametrize("statement", ["$global:x = 1", "$script:x = 1", "$function:global:x", "${function:x} = { 1 }"])
def test_a_stray_global_is_found(grammar: str, statement: str) -> None:
    assert stray_globals(Source(grammar, f"function global:__envd_x {{ {statement} }}")) != set()
