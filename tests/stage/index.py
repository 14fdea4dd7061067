"""A package index on loopback (PEP 503) with packages made on the spot, and every way in which an index fails."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import tarfile
import threading
import zipfile
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def make_wheel(name: str, version: str, requires: tuple[str, ...] = (), more: Mapping[str, str] | None = None) -> bytes:
    """Return a wheel with one module that says its version, and `more` files; `DIST-INFO/` is its own."""
    info = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {line}\n" for line in requires)
    files = {
        f"{name}.py": f"version = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: envd tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files.update({path.replace("DIST-INFO", info): text for path, text in (more or {}).items()})
    record = "".join(f"{path},{_digest(text)},{len(text)}\n" for path, text in files.items()) + f"{info}/RECORD,,\n"
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(path, text)
    return data.getvalue()


# A build backend (PEP 517) that leaves a witness in HOME whenever anything of it runs.
_BACKEND = """
import pathlib, os
pathlib.Path(os.environ["HOME"], "ran").touch()
def build_wheel(directory, *_, **__):
    import base64
    pathlib.Path(directory, {name!r}).write_bytes(base64.b64decode({wheel!r}))
    return {name!r}
build_editable = build_wheel
def get_requires_for_build_wheel(*_): return []
get_requires_for_build_editable = get_requires_for_build_wheel
"""


def source_files(name: str, version: str) -> dict[str, str]:
    """Return the files of a project that builds without anything else, and tells that its code ran."""
    wheel = base64.b64encode(make_wheel(name, version)).decode()
    project = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    metadata = f'[project]\nname = "{name}"\nversion = "{version}"\n'
    return {
        "pyproject.toml": project + metadata,
        "backend.py": _BACKEND.format(name=f"{name}-{version}-py3-none-any.whl", wheel=wheel),
        "PKG-INFO": f"Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n",
    }


def make_sdist(name: str, version: str) -> bytes:
    """Return a source distribution of `source_files`."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for path, text in source_files(name, version).items():
            member = tarfile.TarInfo(f"{name}-{version}/{path}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return data.getvalue()


def _digest(text: str) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


class Index:
    """The index, serving while the `with` block runs. `status` fails every page; while `gate` is clear, wheels do not come."""

    def __init__(self) -> None:
        self.wheels: dict[str, bytes] = {}
        self.status = 200
        self.gate = threading.Event()
        self.gate.set()
        self.waiting = threading.Event()
        # Whether anything at all was asked of it.
        self.asked = False
        self.on_wheel = threading.Event()
        # What a client must say to be answered, as user:password; '' lets everybody in.
        self.credentials = ""
        # For how many seconds clients need not ask for a page again.
        self.max_age = 0
        # How many wheels it hands out yet before it answers nothing more; None for all.
        self.left: int | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"index": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Index:
        for version in ("1.0", "1.1", "1.2", "1.3"):
            self.add("demo", version)
        self.add("needy", "1.0", "leaf")
        self.add("leaf", "1.0")
        self.add("other", "2.0")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def add(self, name: str, version: str, *requires: str) -> None:
        """Have one more package."""
        self.wheels[f"{name}-{version}-py3-none-any.whl"] = make_wheel(name, version, requires)

    def add_script(self, name: str, version: str) -> None:
        """Have one more package, with a script of its name that says its version."""
        more = {
            f"{name}.py": f"def main():\n    print({version!r})\n",
            "DIST-INFO/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
        }
        self.wheels[f"{name}-{version}-py3-none-any.whl"] = make_wheel(name, version, (), more)

    def add_with(self, name: str, version: str, more: Mapping[str, str]) -> None:
        """Have one more package, with more files in it."""
        self.wheels[f"{name}-{version}-py3-none-any.whl"] = make_wheel(name, version, (), more)

    def add_raising(self, name: str, version: str) -> None:
        """Have one more package, which raises in `throw()`."""
        more = {f"{name}.py": "def throw():\n    raise ValueError\n"}
        self.wheels[f"{name}-{version}-py3-none-any.whl"] = make_wheel(name, version, (), more)

    def add_source(self, name: str, version: str) -> None:
        """Have one more package, of which there is no wheel."""
        self.wheels[f"{name}-{version}.tar.gz"] = make_sdist(name, version)

    def break_wheels(self) -> None:
        """Have every wheel be something else than a wheel."""
        self.wheels = dict.fromkeys(self.wheels, b"this is no zip file")

    @property
    def url(self) -> str:
        """Return the address for installers."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/simple/"

    def variables(self) -> dict[str, str]:
        """Return what makes pip and uv use this index alone."""
        return index_variables(self.url)


def index_variables(url: str) -> dict[str, str]:
    """Return what makes pip and uv use one index alone, and try it once."""
    return {
        "PIP_INDEX_URL": url,
        "UV_DEFAULT_INDEX": url,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_RETRIES": "0",
        "UV_HTTP_RETRIES": "0",
    }


class _Handler(BaseHTTPRequestHandler):
    index: Index

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.index.asked = True
        said = "Basic " + base64.b64encode(self.index.credentials.encode()).decode()
        if self.index.credentials and self.headers.get("Authorization") != said:
            self._answer(401, b"")
            return
        kind, _, name = self.path.strip("/").partition("/")
        if kind == "files":
            if self.command == "GET":
                self.index.waiting.set()
                self.index.gate.wait(60)
                if self.index.left is not None:
                    self.index.left -= 1
                    if self.index.left < 0:
                        self.close_connection = True
                        return
            data = self.index.wheels.get(name.partition("#")[0])
            self._answer(404 if data is None else 200, data or b"", "application/octet-stream")
            return
        names = [wheel for wheel in self.index.wheels if wheel.partition("-")[0] == name]
        if self.index.status != 200 or not names:
            self._answer(self.index.status if self.index.status != 200 else 404, b"")
            return
        links = "".join(f'<a href="/files/{wheel}#sha256={self._hash(wheel)}">{wheel}</a>\n' for wheel in names)
        self._answer(200, f"<!DOCTYPE html><html><body>{links}</body></html>".encode())

    def _hash(self, wheel: str) -> str:
        return hashlib.sha256(self.index.wheels[wheel]).hexdigest()

    def _answer(self, status: int, data: bytes, kind: str = "text/html") -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            if self.index.max_age:
                self.send_header("Cache-Control", f"max-age={self.index.max_age}")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(data)
        except OSError:
            pass  # the installer was ended

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in the standard library
        pass
