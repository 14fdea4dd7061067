"""What installers say: recorded from uv 0.5.0, uv 0.13.9 and pip 23.2.1, and said anew by those of this machine."""

from __future__ import annotations

import importlib.util
import io
import sys
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.stage.index import Index, index_variables

from envd.adapters.installers import Installer, choose_installer
from envd.adapters.installers.locks import Pdm, Pipenv, Poetry, UvSync
from envd.adapters.installers.pip import Pip
from envd.adapters.installers.uv import Uv
from envd.adapters.venvs import find_venv, installed_versions
from envd.core.errors import SettingsError
from envd.core.order import Order
from envd.core.packages import Changes
from envd.system.processes import Finished, end_children, run

UV = Path(sys.prefix, "bin", "uv")
NO_HASH = "0" * 64
BACKEND = """
def build_wheel(*_, **__):
    raise SystemExit("the compiler is missing")
prepare_metadata_for_build_wheel = build_wheel
"""

# -- recorded

UV_NO_SOLUTION = """\
Using Python 3.12.1 environment at: v
error: No solution found when resolving dependencies
  cause: Because only other==2.0 is available and you require other<1, we can conclude that your requirements are unsatisfiable.
"""
UV_OLD_NO_SOLUTION = """\
  × No solution found when resolving dependencies:
  ╰─▶ Because only other==2.0 is available and you require other<1, we can
      conclude that your requirements are unsatisfiable.
"""
UV_HASH = f"""\
Resolved 1 package in 6ms
error: Failed to download `demo==1.0`
  cause: Hash mismatch for `demo==1.0`

         Expected:
           sha256:{NO_HASH}

         Computed:
           sha256:0bc8163f35d30b06f7d97e2530b33c0dd6dd0bbc309e66641c7848801cb81b07
"""
UV_BUILD = """\
Resolved 1 package in 10ms
   Building evil==1.0
error: Failed to build `evil==1.0`
  cause: The build backend returned an error
  cause: Call to `backend.build_wheel` failed (exit status: 1)

         [stderr]
         the compiler is missing

hint: Build failures usually indicate a problem with the package or the build environment
"""
UV_OLD_BUILD = """\
Resolved 1 package in 6ms
error: Failed to prepare distributions
  Caused by: Failed to download and build `evil==1.0`
  Caused by: Build backend failed to build wheel through `build_wheel` (exit status: 1)

[stderr]
the compiler is missing
"""
UV_REFUSED = """\
error: Failed to fetch: http://127.0.0.1:9/simple/demo/
  cause: error sending request for url (http://127.0.0.1:9/simple/demo/)
  cause: client error (Connect)
  cause: tcp connect error
  cause: Connection refused (os error 111)
"""
UV_OLD_REFUSED = """\
error: Failed to fetch: `http://127.0.0.1:9/simple/demo/`
  Caused by: Request failed after 3 retries
  Caused by: error sending request for url (http://127.0.0.1:9/simple/demo/)
  Caused by: client error (Connect)
  Caused by: tcp connect error: Connection refused (os error 111)
  Caused by: Connection refused (os error 111)
"""
UV_NO_WHEEL = """\
error: No solution found when resolving dependencies
  cause: Because docopt==0.6.2 has no usable wheels and you require docopt==0.6.2, we can conclude that your requirements are
         unsatisfiable.

hint: Wheels are required for `docopt` because building from source is disabled for all packages (i.e., with `--no-build`)
"""
UV_LOCK_NO_WHEEL = """\
error: Distribution `docopt==0.6.2 @ registry+https://pypi.org/simple` can't be installed because it is marked as
`--no-build` but has no binary distribution
"""
PIP_NO_WHEEL = """\
  Skipping link: No sources permitted for docopt: https://files.example.org/docopt-0.6.2.tar.gz#sha256=49b3 (from index)
ERROR: Could not find a version that satisfies the requirement docopt==0.6.2 (from versions: none)
ERROR: No matching distribution found for docopt==0.6.2
"""
UV_ASKED = """\
error: Failed to inspect Python interpreter from search path at `/home/u/.pyenv/shims/python`
  cause: Querying Python at `/home/u/.pyenv/shims/python` failed with exit status exit status: 1

         [stderr]
         pyenv: version `3.99' is not installed (set by /home/u/acme/.python-version)
"""
PIP_NO_SOLUTION = """\
Looking in indexes: http://127.0.0.1:37593/simple/
ERROR: Could not find a version that satisfies the requirement other<1 (from versions: 2.0)
ERROR: No matching distribution found for other<1
"""
PIP_BUILD = """\
Collecting evil (from -r r.txt (line 1))
  Downloading http://127.0.0.1:37593/files/evil-1.0.tar.gz (365 bytes)
  Preparing metadata (pyproject.toml): finished with status 'error'
  error: subprocess-exited-with-error
  
  × Preparing metadata (pyproject.toml) did not run successfully.
  │ exit code: 1
  ╰─> [1 lines of output]
      no metadata here
      [end of output]
  
  note: This error originates from a subprocess, and is likely not a problem with pip.
error: metadata-generation-failed

× Encountered error while generating package metadata.
╰─> See above for output.

note: This is an issue with the package mentioned above, not pip.
hint: See above for details.
"""  # noqa: W293  # as pip wrote it


@pytest.mark.parametrize(
    ("installer", "output", "reason"),
    [
        pytest.param(Uv, UV_NO_SOLUTION, "only other==2.0 is available and you require other<1", id="uv, no solution"),
        pytest.param(Uv, UV_OLD_NO_SOLUTION, "only other==2.0 is available and you require other<1", id="old uv, no solution"),
        pytest.param(
            Uv,
            UV_HASH,
            f"Hash mismatch for `demo==1.0` Expected: sha256:{NO_HASH} Computed: "
            "sha256:0bc8163f35d30b06f7d97e2530b33c0dd6dd0bbc309e66641c7848801cb81b07",
            id="uv, hash mismatch",
        ),
        pytest.param(
            Uv,
            UV_BUILD,
            "Failed to build `evil==1.0` (Call to `backend.build_wheel` failed (exit status: 1) [stderr] the compiler is missing)",
            id="uv, build failure",
        ),
        pytest.param(
            Uv,
            UV_BUILD.replace("the compiler", "Traceback (most recent call last):\n           File x\n         error: the compiler"),
            "Failed to build `evil==1.0` (Call to `backend.build_wheel` failed (exit status: 1) "
            "[stderr] error: the compiler is missing)",
            id="uv, a traceback",
        ),
        pytest.param(
            Uv,
            UV_OLD_BUILD.replace("[stderr]", "[stdout]\nhello\n\n[stderr]\nTraceback\n  File x").replace(
                "the comp", "error: the comp"
            ),
            "Failed to download and build `evil==1.0` (Build backend failed to build wheel through `build_wheel` (exit status: 1) "
            "[stderr] error: the compiler is missing)",
            id="old uv, a traceback",
        ),
        pytest.param(
            Uv,
            UV_OLD_BUILD,
            "Failed to download and build `evil==1.0` (Build backend failed to build wheel through `build_wheel` (exit status: 1) "
            "[stderr] the compiler is missing)",
            id="old uv, build failure",
        ),
        pytest.param(
            Uv,
            UV_REFUSED,
            "error sending request for url (http://127.0.0.1:9/simple/demo/) (Connection refused (os error 111))",
            id="uv, network refused",
        ),
        pytest.param(
            Uv,
            UV_OLD_REFUSED,
            "Failed to fetch: `http://127.0.0.1:9/simple/demo/` (Connection refused (os error 111))",
            id="old uv, network refused",
        ),
        pytest.param(
            Uv,
            "error: Distribution not found at: file:///tmp/x\n",
            "Distribution not found at: file:///tmp/x",
            id="uv, a headline alone",
        ),
        pytest.param(Uv, "", "uv said nothing", id="uv, nothing"),
        pytest.param(
            Pip,
            PIP_NO_SOLUTION,
            "Could not find a version that satisfies the requirement other<1 (from versions: 2.0)",
            id="pip, no solution",
        ),
        pytest.param(
            Pip,
            PIP_BUILD,
            "Preparing metadata (pyproject.toml) did not run successfully: no metadata here",
            id="pip, build failure",
        ),
        pytest.param(
            Uv,
            UV_ASKED,
            "pyenv: version `3.99' is not installed (set by /home/u/acme/.python-version)",
            id="uv, a python that will not start",
        ),
        pytest.param(Pip, "/gone/python: No such file\n\n", "/gone/python: No such file", id="pip, not an error of its own"),
        pytest.param(Pip, "", "pip said nothing", id="pip, nothing"),
    ],
)
def test_the_reason_is_what_helps(installer: type[Uv] | type[Pip], output: str, reason: str) -> None:
    assert installer(Path("/x")).reason(output) == reason


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        pytest.param("Would install 1 package\n + demo==1.0\n", Changes({"demo": "1.0"}), id="an addition"),
        pytest.param(" - demo==1.0\n + demo==1.2\n", Changes(changed={"demo": ("1.0", "1.2")}), id="a change"),
        pytest.param(" - Demo_X==1.0\n", Changes(removed={"demo-x": "1.0"}), id="a removal, its name normalized"),
        pytest.param("Would make no changes\n", Changes(), id="nothing"),
        pytest.param(UV_NO_SOLUTION, Changes(), id="an error"),
    ],
)
def test_what_uv_announces_is_read(output: str, expected: Changes) -> None:
    assert Uv(Path("/x")).read_preview(output, {}) == expected


@pytest.mark.parametrize("output", ["", "{", "{}", '{"install": 7}', '{"install": [{}]}', PIP_BUILD, "[" * 100_000])
def test_what_is_no_report_of_pip_announces_nothing(output: str) -> None:
    assert Pip(Path("/x")).read_preview(output, {"demo": "1"}) == Changes()


# -- said anew


@dataclass(frozen=True)
class Bench:
    """An installer, an index and an environment that it works on."""

    installer: Installer
    index: Index
    root: Path

    def ask_for(self, *lines: str) -> str:
        path = self.root / "requirements.txt"
        path.write_text("".join(f"{line}\n" for line in lines))
        return str(path)

    def install(self, *lines: str) -> Finished:
        return run(self.installer.install(self.python, Order((self.ask_for(*lines),), build=True)), self.root)

    def preview(self, *lines: str) -> Changes:
        finished = run(self.installer.preview(self.python, Order((self.ask_for(*lines),))), self.root)
        assert finished.code == 0, finished.output
        return self.installer.read_preview(finished.output, self.installed())

    def installed(self) -> dict[str, str]:
        venv = find_venv(self.root, (".venv",))
        assert venv is not None
        return installed_versions(venv)

    @property
    def python(self) -> Path:
        return self.root / ".venv/bin/python"


def make_evil() -> bytes:
    project = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    files = {"pyproject.toml": project, "backend.py": BACKEND, "PKG-INFO": "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n"}
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"evil-1.0/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return data.getvalue()


@pytest.fixture(params=["uv", "pip"])
def bench(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    if request.param == "uv" and not UV.exists():
        pytest.skip("uv is not installed beside this interpreter")
    if request.param == "pip" and importlib.util.find_spec("pip") is None:
        pytest.skip("this interpreter has no pip")
    made = run([sys.executable, "-I", "-m", "venv", "--without-pip", str(tmp_path / ".venv")], tmp_path)
    assert made.code == 0, made.output
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    with Index() as index:
        index.wheels["evil-1.0.tar.gz"] = make_evil()
        own = {"HOME": str(tmp_path), "UV_CACHE_DIR": str(tmp_path / "uv"), "PIP_CACHE_DIR": str(tmp_path / "pip")}
        # What keeps a machine that cannot be reached from holding the test.
        limits = {"UV_HTTP_TIMEOUT": "20", "PIP_TIMEOUT": "20", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        for name, value in {**index.variables(), **own, **limits}.items():
            monkeypatch.setenv(name, value)
        watchdog = threading.Timer(120, end_children)
        watchdog.start()
        yield Bench(choose_installer(request.param).installer, index, tmp_path)
        watchdog.cancel()
        watchdog.join()


def test_packages_are_added_changed_and_removed_as_announced(bench: Bench) -> None:
    assert bench.preview("demo==1.0", "needy") == Changes({"demo": "1.0", "leaf": "1.0", "needy": "1.0"})
    assert bench.installed() == {}
    assert bench.install("demo==1.0", "needy").code == 0
    assert bench.installed() == {"demo": "1.0", "leaf": "1.0", "needy": "1.0"}
    assert bench.preview("demo==1.2", "needy") == Changes(changed={"demo": ("1.0", "1.2")})
    assert bench.install("demo==1.2", "needy").code == 0
    assert bench.preview("demo==1.2", "needy") == Changes()
    assert run(bench.installer.uninstall(bench.python, ["demo", "leaf"]), bench.root).code == 0
    assert bench.installed() == {"needy": "1.0"}


@pytest.mark.parametrize(
    ("line", "word"),
    [
        pytest.param("nope", "nope", id="a package that there is not"),
        pytest.param("demo==9", "demo==9", id="no such version"),
        pytest.param(f"demo==1.0 --hash=sha256:{NO_HASH}", "hash", id="hash mismatch"),
        pytest.param("evil", "the compiler is missing", id="build failure"),
    ],
)
def test_a_failure_has_a_reason_of_one_line(bench: Bench, line: str, word: str) -> None:
    finished = bench.install(line)
    reason = bench.installer.reason(finished.output)
    assert finished.code != 0
    assert (len(reason.splitlines()), reason.isprintable()) == (1, True)
    assert word in reason.lower()
    assert bench.installed() == {}


def test_a_refused_connection_has_a_reason_of_one_line(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in index_variables("http://127.0.0.1:9/simple/").items():
        monkeypatch.setenv(name, value)
    finished = bench.install("demo")
    reason = bench.installer.reason(finished.output)
    assert finished.code != 0
    assert (len(reason.splitlines()), "demo" in reason) == (1, True)


def test_pip_itself_is_installed_where_it_is_asked_for(bench: Bench) -> None:
    bench.index.add("pip", "99.0")
    assert run(bench.installer.seed(bench.python), bench.root).code == 0
    assert bench.installed() == {"pip": "99.0"}


# -- which one


def test_pip_is_taken_when_it_is_set() -> None:
    choice = choose_installer("pip")
    assert (choice.installer.name, choice.why) == ("pip", "sync.installer is pip")


def test_the_uv_beside_envd_is_taken_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if not UV.exists():
        pytest.skip("uv is not installed beside this interpreter")
    fake = tmp_path / "uv"
    fake.write_text("#!/bin/sh\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [choose_installer(wanted).why for wanted in ("auto", "uv")] == [f"{UV} is there"] * 2


@pytest.fixture
def no_uv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An envd that was installed without uv, for a user who has none where uv usually is."""
    for name, value in (("PATH", tmp_path), ("HOME", tmp_path)):
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    if any(Path(directory, "uv").exists() for directory in ("/usr/local/bin", "/opt/homebrew/bin")):
        pytest.skip("uv is installed for all users")


def test_without_uv_pip_is_taken_and_a_set_uv_is_missed(no_uv: None) -> None:
    assert choose_installer("auto").why == "there is no uv"
    with pytest.raises(SettingsError, match="there is no uv here"):
        choose_installer("uv")


def test_a_uv_where_it_usually_is_needs_no_path(no_uv: None, tmp_path: Path) -> None:
    uv = tmp_path / ".local/bin/uv"
    uv.parent.mkdir(parents=True)
    uv.write_text("#!/bin/sh\n")
    uv.chmod(0o755)
    assert choose_installer("auto").why == f"{uv} is there"


def test_without_uv_and_without_pip_it_says_what_to_do(no_uv: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="has no pip") as caught:
        choose_installer("auto")
    assert caught.value.hint == "put uv on your PATH"


# -- locks of other tools


FROZEN = ("--frozen", "--inexact", "--python", "/p/.venv/bin/python")
GROUPED = Order(("x",), build=True, groups=("dev",), extras=("fast",))


@pytest.mark.parametrize(
    ("tool", "order", "tail"),
    [
        pytest.param(UvSync(Path("/uv")), Order(("uv.lock",)), ("sync", *FROZEN, "--no-build"), id="uv"),
        pytest.param(UvSync(Path("/uv")), GROUPED, ("sync", *FROZEN, "--group", "dev", "--extra", "fast"), id="uv with groups"),
        pytest.param(
            Poetry(Path("/poetry"), Pip(Path("/x"))), Order(("poetry.lock",)), ("--no-interaction", "--no-root"), id="poetry"
        ),
        pytest.param(
            Poetry(Path("/poetry"), Pip(Path("/x"))),
            GROUPED,
            ("--no-interaction", "--with", "dev", "--extras", "fast"),
            id="its groups",
        ),
        pytest.param(Pdm(Path("/pdm"), Pip(Path("/x"))), Order(("pdm.lock",)), ("/pdm", "sync", "--no-self"), id="pdm"),
        pytest.param(
            Pdm(Path("/pdm"), Pip(Path("/x"))), GROUPED, ("/pdm", "sync", "--group", "dev", "--group", "fast"), id="pdm with groups"
        ),
        pytest.param(Pipenv(Path("/pipenv"), Pip(Path("/x"))), Order(("Pipfile.lock",)), ("/pipenv", "sync"), id="pipenv"),
        pytest.param(Pipenv(Path("/pipenv"), Pip(Path("/x"))), GROUPED, ("/pipenv", "sync", "--dev"), id="pipenv with dev"),
    ],
)
def test_a_lock_is_installed_by_its_own_tool(tool: Installer, order: Order, tail: tuple[str, ...]) -> None:
    command = tool.install(Path("/p/.venv/bin/python"), order)
    assert tuple(command[-len(tail) :]) == tail
    assert any(word.endswith("=/p/.venv") for word in command)  # which environment, by a variable
    assert any(word.endswith("=:all:") or word == "--no-build" for word in command) is not order.build


@pytest.mark.parametrize(
    ("tool", "output", "expected"),
    [
        pytest.param(
            Poetry(Path("/poetry"), Pip(Path("/x"))),
            "  - Installing iniconfig (2.0.0)\n  - Updating six (1.16.0 -> 1.17.0)\n  - Installing x (1): Skipped for y\n",
            Changes({"iniconfig": "2.0.0"}, changed={"six": ("1.16.0", "1.17.0")}),
            id="poetry",
        ),
        pytest.param(
            Pdm(Path("/pdm"), Pip(Path("/x"))),
            "Packages to add:\n  - Install iniconfig 2.0.0\n  - Update six 1.16.0 -> 1.17.0\n",
            Changes({"iniconfig": "2.0.0"}, changed={"six": ("1.16.0", "1.17.0")}),
            id="pdm",
        ),
        pytest.param(Pipenv(Path("/pipenv"), Pip(Path("/x"))), "All good!\n", Changes(), id="pipenv says nothing"),
    ],
)
def test_what_a_tool_announces_is_read(tool: Installer, output: str, expected: Changes) -> None:
    assert tool.read_preview(output, {"six": "1.16.0"}) == expected


@pytest.mark.parametrize(
    ("installer", "output", "name"),
    [
        pytest.param(Uv(Path("/x")), UV_NO_WHEEL, "docopt", id="uv"),
        pytest.param(Uv(Path("/x")), UV_LOCK_NO_WHEEL, "docopt", id="uv sync"),
        pytest.param(Uv(Path("/x")), UV_NO_SOLUTION, "", id="uv, another reason"),
        pytest.param(Pip(Path("/x")), PIP_NO_WHEEL, "docopt", id="pip"),
        pytest.param(Pip(Path("/x")), PIP_NO_WHEEL.replace("==0.6.2", "==99"), "", id="pip, a version that there is not"),
        pytest.param(Pip(Path("/x")), PIP_NO_WHEEL.replace("==0.6.2", "[x]>0.5 "), "docopt", id="pip, a range"),
        pytest.param(Pip(Path("/x")), PIP_NO_SOLUTION, "", id="pip, another reason"),
        pytest.param(
            Poetry(Path("/p"), Pip(Path("/x"))),
            "  Unable to find installation candidates for docopt (0.6.2)",
            "docopt",
            id="poetry",
        ),
    ],
)
def test_a_package_without_a_wheel_is_recognized(installer: Installer, output: str, name: str) -> None:
    assert installer.unbuilt(output) == name
