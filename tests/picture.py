"""Draw a real session with envd, for the README: python tests/picture.py > .github/session.svg

A shell on a pty in a home of its own, typed into as a person would; the screen is drawn with the colours it has.
`--prompts` shows the states that a prompt can be in, `--shell NAME` another shell than bash (.github/prompts-NAME.svg),
`--columns N` sets the width, `--script FILE` another session: one line typed a line, `~SECONDS` waits for news.
"""

from __future__ import annotations

import argparse
import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time
from html import escape
from pathlib import Path
from typing import Any

import pyte

PROMPT = "\u276f "
SESSION = (
    "cd ~/code/acme",
    "envd allow",
    "~1.5",
    "",
    "echo httpx >> requirements.txt",
    "~2",
    "",
    "envd status",
    "cd /",
)
# Blocked, in sync, syncing, failed, in sync again, and left.
PROMPTS = (
    "cd ~/code/other",
    "~0.5",
    "cd ~/code/acme",
    "echo numpy >> requirements.txt",
    "~0.2",
    "",
    "",
    "~4",
    "",
    "echo no-such-package-here >> requirements.txt",
    "~3",
    "",
    "sed -i '$d' requirements.txt",
    "~2",
    "",
    "cd",
    "~0.5",
)
_RC = {
    "bash": (".bashrc", "PS1='\\[\\e[34m\\]\\w\\[\\e[0m\\] {prompt}'\neval \"$(envd hook bash)\"\n"),
    "zsh": (".zshrc", "PROMPT='%F{{blue}}%~%f {prompt}'\nPROMPT_EOL_MARK=\neval \"$(envd hook zsh)\"\n"),
    "fish": (
        ".config/fish/config.fish",
        "set -g fish_greeting; set -g fish_prompt_pwd_dir_length 0; set -g fish_color_command normal; "
        "set -g fish_color_param normal; set -g fish_color_quote normal; set -g fish_color_redirection normal\n"
        "function fish_prompt; set_color blue; printf %s (prompt_pwd); set_color normal; printf ' {prompt}'; end\n"
        "function fish_title; end\nenvd hook fish | source\n",
    ),
}
_ARGUMENTS = {"bash": ("--rcfile", ".bashrc", "-i"), "zsh": ("-i",), "fish": ("-i",)}
_COLOURS = {
    "default": "#d8dee9",
    "red": "#e0707a",
    "green": "#a3c98b",
    "brown": "#e8c97d",
    "blue": "#85aee0",
    "magenta": "#b794c9",
    "cyan": "#8fc7d1",
}
# Seconds of silence after which a command counts as answered; a sync is to be caught in the middle.
_SHORT, _LONG = 0.3, 0.8
_CELL, _LINE, _MARGIN = 8.4, 20, 24


class Session:
    """A shell with envd in it, and what its terminal shows."""

    def __init__(self, home: Path, shell: str, columns: int, pause: float) -> None:
        self.pause = pause
        self.screen = pyte.Screen(columns, 60)
        self.stream = pyte.ByteStream(self.screen)
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.chdir(home)
            os.execve(shutil.which(shell) or shell, [shell, *_ARGUMENTS[shell]], _variables(home, columns))
        self.pid = pid

    def read(self, seconds: float) -> None:
        """Take in what comes until nothing has come for `seconds`."""
        while select.select([self.terminal], [], [], seconds)[0]:
            self.stream.feed(os.read(self.terminal, 65536))

    def play(self, lines: tuple[str, ...]) -> None:
        """Type the lines of a session; each once the one before has been answered."""
        self.read(1.0)
        for line in lines:
            if line.startswith("~"):
                end = time.monotonic() + float(line[1:])
                while time.monotonic() < end:
                    self.read(0.1)
                continue
            os.write(self.terminal, line.encode() + b"\n")
            self.read(self.pause)


def _variables(home: Path, columns: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "CERT" in name or "CA_BUNDLE" in name}
    path = f"{home / 'bin'}:/usr/local/bin:/usr/bin:/bin"
    own = {"HOME": str(home), "ZDOTDIR": str(home), "PATH": path, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    return {**kept, **own, "COLUMNS": str(columns)}


def _furnish(home: Path, shell: str) -> None:
    """Make a home with envd's hook and two projects that were made elsewhere, as clones are."""
    (home / "bin").mkdir()
    program = home / "bin" / "envd"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -m envd "$@"\n')
    program.chmod(0o755)
    name, text = _RC[shell]
    (home / name).parent.mkdir(parents=True, exist_ok=True)
    (home / name).write_text(text.format(prompt=PROMPT))
    # Where these are missing, fish starts Python in the background to make completions of all manual pages.
    for directory in (".local/share", ".cache"):
        (home / directory / "fish" / "generated_completions").mkdir(parents=True)
    for name in ("acme", "other"):
        root = home / "code" / name
        root.mkdir(parents=True)
        subprocess.run([sys.executable, "-m", "venv", root / ".venv"], check=True)
        (root / "requirements.txt").write_text("flask\n")


def _allow(home: Path, root: Path) -> None:
    program = home / "bin" / "envd"
    for words in (["allow"], ["sync"]):
        subprocess.run([program, *words], cwd=root, env=_variables(home, 80), check=True, stdout=subprocess.DEVNULL)


def draw(screen: pyte.Screen) -> str:
    """Return the screen as SVG, down to the last line that holds anything."""
    last = max(index for index, line in enumerate(screen.display) if line.strip())
    width, height = screen.columns * _CELL + 2 * _MARGIN, (last + 1) * _LINE + 2 * _MARGIN + 12
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}"',
        '  font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="14">',
        f'<rect width="{width:.0f}" height="{height}" rx="10" fill="#20242c"/>',
        *(
            f'<circle cx="{24 + 20 * index}" cy="20" r="6" fill="{colour}"/>'
            for index, colour in enumerate(("#e0707a", "#e8c97d", "#a3c98b"))
        ),
    ]
    for row in range(last + 1):
        lines.extend(_runs(screen, row))
    return "\n".join([*lines, "</svg>"]) + "\n"


def _runs(screen: pyte.Screen, row: int) -> list[str]:
    """Return one text element for each run of cells that look alike."""
    cells = [screen.buffer[row][column] for column in range(screen.columns)]
    elements, start = [], 0
    for column in range(1, screen.columns + 1):
        if column == screen.columns or _look(cells[column]) != _look(cells[start]):
            text = "".join(cell.data for cell in cells[start:column])
            if text.strip():
                elements.append(_element(text, row, start, cells[start]))
            start = column
    return elements


def _look(cell: Any) -> tuple[str, bool]:
    return cell.fg, cell.bold


def _element(text: str, row: int, column: int, cell: Any) -> str:
    x, y = _MARGIN + column * _CELL, _MARGIN + 36 + row * _LINE
    weight = ' font-weight="bold"' if cell.bold else ""
    length = f' textLength="{len(text) * _CELL:.1f}" lengthAdjust="spacingAndGlyphs"'
    colour = _COLOURS.get(cell.fg, _COLOURS["default"])
    return f'<text x="{x:.1f}" y="{y}" fill="{colour}"{weight}{length} xml:space="preserve">{escape(text)}</text>'


def main() -> None:
    """Play the session and write its picture to standard output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--columns", type=int, default=88)
    parser.add_argument("--shell", choices=sorted(_RC), default="bash")
    parser.add_argument("--prompts", action="store_true")
    parser.add_argument("--script", type=Path)
    arguments = parser.parse_args()
    lines = PROMPTS if arguments.prompts else SESSION
    if arguments.script:
        lines = tuple(arguments.script.read_text().splitlines())
    home = Path(tempfile.mkdtemp(prefix="envd-picture-"))
    try:
        _furnish(home, arguments.shell)
        if arguments.prompts:
            _allow(home, home / "code" / "acme")
        session = Session(home, arguments.shell, arguments.columns, _SHORT if arguments.prompts else _LONG)
        session.play(lines)
        sys.stdout.write(draw(session.screen))
        os.close(session.terminal)
        os.waitpid(session.pid, 0)
        subprocess.run([home / "bin" / "envd", "daemon", "stop"], env=_variables(home, 80), check=True, stdout=subprocess.DEVNULL)
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
