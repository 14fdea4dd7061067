"""Which packages are not whole."""

from __future__ import annotations

import pytest

from envd.core.damage import Info, find_damage

WHOLE = frozenset(("METADATA", "RECORD", "INSTALLER", "WHEEL"))


def info(name: str = "demo", version: str = "1.0", files: frozenset[str] = WHOLE, **said: str) -> Info:
    names = {"said_name": name, "said_version": version, **said}
    return Info(f"{name}-{version}.dist-info", name, version, files, names["said_name"], names["said_version"])


@pytest.mark.parametrize(
    ("infos", "said"),
    [
        pytest.param([info(), info("other")], [], id="whole"),
        pytest.param([info(files=WHOLE - {"RECORD"})], ["demo 1.0 has no RECORD"], id="no RECORD"),
        pytest.param([info(files=WHOLE - {"INSTALLER"})], ["demo 1.0 has no INSTALLER"], id="no INSTALLER"),
        pytest.param([info(files=frozenset())], ["demo 1.0 has no METADATA"], id="empty"),
        pytest.param([info(files=WHOLE - {"WHEEL"})], [], id="WHEEL is not looked for"),
        pytest.param([info(), info(version="1.1")], ["demo 1.0 is there twice", "demo 1.1 is there twice"], id="twice"),
        pytest.param(
            [info(), info(version="1.1", files=WHOLE - {"RECORD"})],
            ["demo 1.0 is there twice", "demo 1.1 has no RECORD"],
            id="twice, one of them half",
        ),
        pytest.param([info(said_name="")], ["demo 1.0 has metadata of no package"], id="metadata without a name"),
        pytest.param([info(said_name="other")], ["demo 1.0 has metadata of other"], id="metadata of another"),
        pytest.param([info(said_version="")], ["demo 1.0 has metadata without a version"], id="metadata without a version"),
        pytest.param(
            [Info("~emo-1.0.dist-info", "emo", "1.0", WHOLE, "demo", "1.0")],
            ["emo 1.0 is what pip set aside to remove it"],
            id="set aside by pip",
        ),
    ],
)
def test_find_damage(infos: list[Info], said: list[str]) -> None:
    assert [str(damage) for damage in find_damage(infos)] == said
