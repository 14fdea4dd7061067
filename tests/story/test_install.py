"""The way in that the README names: install.sh installs envd for a user, connects a shell, and shows envd at work."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.stage.home import Home

INSTALL = Path(__file__).parents[2] / "shell/install.sh"


def test_the_installer_installs_connects_and_shows_it_at_work(home: Home) -> None:
    home.variables["PYTHON"] = sys.executable
    ran = home.run(["sh", str(INSTALL), "--yes", "bash"], cwd=home.path, deadline=300)
    try:
        # Whatever is said there, the first thing that a new user sees would be an error.
        assert (ran.code, ran.err) == (0, "")
        lines = ran.out.splitlines()
        scratch = next(line for line in lines if line.endswith("/hello/.venv/bin/python")).partition("/hello/")[0]
        shown = lines.index("$ cd hello")
        assert lines[shown : shown + 7] == [
            "$ cd hello",
            "$ command -v python",
            f"{scratch}/hello/.venv/bin/python",
            '$ python -c "import iniconfig; print(iniconfig.__name__)"',
            "iniconfig",
            "$ cd /",
            '$ echo "[$VIRTUAL_ENV]"',
        ]
        assert lines[shown + 7] == "[]"
        assert any("in sync · 1 package" in line for line in lines)
        assert "Next: open a new shell, cd into a project, and: envd allow" in lines
        # The demonstration leaves nothing; the hook is connected, and there is a command.
        assert not Path(scratch).exists()
        assert "envd/hooks/envd.bash" in (home.path / ".bashrc").read_text()
        envd = home.path / ".local/share/envd/venv/bin/envd"
        assert home.run([str(envd), "status", "--all"]).out.startswith("no project was allowed yet")
    finally:
        removed = home.run([str(home.path / ".local/share/envd/venv/bin/envd"), "setup", "--remove", "--yes"])
    assert removed.code == 0, removed.err
    assert not (home.path / ".local/share/envd").exists()
