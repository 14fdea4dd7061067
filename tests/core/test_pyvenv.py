"""pyvenv.cfg and what it says of an environment's health."""

from __future__ import annotations

from dataclasses import replace

import pytest

from envd.core.pyvenv import Diagnosis, Health, PyvenvCfg, VenvState, diagnose, parse_pyvenv_cfg


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", PyvenvCfg(), id="empty"),
        pytest.param(
            "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.12.1\nexecutable = /usr/bin/python3.12\n",
            PyvenvCfg("/usr/bin", "3.12.1"),
            id="venv",
        ),
        pytest.param(
            "home = /usr/bin\nimplementation = CPython\nuv = 0.13.9\nversion_info = 3.12.1\ninclude-system-site-packages = false\n",
            PyvenvCfg("/usr/bin", "3.12.1"),
            id="uv",
        ),
        pytest.param("home = /u\nversion_info = 3.12.1.final.0\n", PyvenvCfg("/u", "3.12.1"), id="virtualenv"),
        pytest.param("HOME=/u\nVersion=3.9\n", PyvenvCfg("/u", "3.9"), id="any case, no spaces"),
        pytest.param("  home   =   /u x  \n", PyvenvCfg("/u x"), id="a space in the path"),
        pytest.param("home = /a=b\n", PyvenvCfg("/a=b"), id="an equals sign in the path"),
        pytest.param("home = /a\nhome = /b\n", PyvenvCfg("/a"), id="the first home counts, as for the interpreter"),
        pytest.param("home = /u\r\nversion = 3.12.1\r\n", PyvenvCfg("/u", "3.12.1"), id="CRLF"),
        pytest.param("home = /u", PyvenvCfg("/u"), id="no end of line"),
        pytest.param("home =\n", PyvenvCfg(), id="an empty home"),
        pytest.param("home /u\n# nothing\n\n", PyvenvCfg(), id="no equals sign"),
        pytest.param("prompt = 'acme'\n", PyvenvCfg(prompt="acme"), id="prompt quoted by venv"),
        pytest.param('prompt = "it\'s"\n', PyvenvCfg(prompt="it's"), id="prompt quoted with the other quote"),
        pytest.param("prompt = acme\n", PyvenvCfg(prompt="acme"), id="prompt as uv writes it"),
        pytest.param("prompt = '\n", PyvenvCfg(prompt="'"), id="prompt of a lone quote"),
        pytest.param("prompt = $(id)\n", PyvenvCfg(prompt="$(id)"), id="prompt that is shell code"),
        pytest.param("include-system-site-packages = True\n", PyvenvCfg(system_site_packages=True), id="system packages"),
        pytest.param("include-system-site-packages = yes\n", PyvenvCfg(), id="only true is true"),
        pytest.param("version = 3.14.0rc2\n", PyvenvCfg(version="3.14.0"), id="a release candidate"),
        pytest.param("version = three\n", PyvenvCfg(), id="a version that is none"),
        pytest.param("version = \nversion_info = 3.11.2\n", PyvenvCfg(version="3.11.2"), id="an empty version"),
        pytest.param("\0\ufffd\ufffd=\0\n" * 20, PyvenvCfg(), id="binary"),
    ],
)
def test_a_pyvenv_cfg_is_read_as_its_writers_meant_it(text: str, expected: PyvenvCfg) -> None:
    assert parse_pyvenv_cfg(text) == expected


@pytest.mark.parametrize(
    ("version", "minor"),
    [
        pytest.param("3.12.1", "3.12", id="three numbers"),
        pytest.param("3.12", "3.12", id="two numbers"),
        pytest.param("3", "3", id="one number"),
        pytest.param("", "", id="none"),
    ],
)
def test_the_minor_version_is_the_first_two_numbers(version: str, minor: str) -> None:
    assert PyvenvCfg(version=version).minor == minor


CFG = PyvenvCfg("/usr/bin", "3.12.1")
STATE = VenvState("/p/.venv", CFG, has_python=True, interpreter="/usr/bin/python3.12", home_exists=True)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(STATE, Diagnosis(Health.WELL), id="well"),
        pytest.param(replace(STATE, cfg=None), Diagnosis(Health.NO_CFG), id="no cfg"),
        pytest.param(replace(STATE, cfg=None, is_redirect=True), Diagnosis(Health.NO_TARGET), id="a redirect to nothing"),
        pytest.param(replace(STATE, is_redirect=True), Diagnosis(Health.WELL), id="a redirect to an environment"),
        pytest.param(replace(STATE, cfg=PyvenvCfg()), Diagnosis(Health.NO_HOME), id="no home"),
        pytest.param(
            replace(STATE, has_python=False, interpreter="", home_exists=False), Diagnosis(Health.NO_PYTHON), id="no python"
        ),
        pytest.param(replace(STATE, interpreter=""), Diagnosis(Health.BASE_GONE, "/usr/bin"), id="dangling"),
        pytest.param(replace(STATE, home_exists=False), Diagnosis(Health.BASE_GONE, "/usr/bin"), id="a copied python, home gone"),
        pytest.param(
            replace(STATE, interpreter="/usr/bin/python3.13"),
            Diagnosis(Health.MINOR_CHANGED, "3.12, now 3.13"),
            id="minor changed",
        ),
        pytest.param(
            replace(STATE, interpreter="/opt/pypy3.10", cfg=PyvenvCfg("/opt", "3.9.1")),
            Diagnosis(Health.MINOR_CHANGED, "3.9, now 3.10"),
            id="PyPy changed",
        ),
        pytest.param(
            replace(STATE, interpreter="/usr/bin/python3.1", cfg=PyvenvCfg("/usr/bin", "3.12")),
            Diagnosis(Health.MINOR_CHANGED, "3.12, now 3.1"),
            id="3.1 is not 3.12",
        ),
        pytest.param(replace(STATE, interpreter="/p/.venv/bin/python"), Diagnosis(Health.WELL), id="a copied python"),
        pytest.param(replace(STATE, interpreter="/usr/bin/python3.12d"), Diagnosis(Health.WELL), id="a debug build"),
        pytest.param(replace(STATE, interpreter="/x/python3.13/bin/python"), Diagnosis(Health.WELL), id="version in a parent"),
        pytest.param(replace(STATE, cfg=PyvenvCfg("/usr/bin")), Diagnosis(Health.WELL), id="a cfg of no version"),
        pytest.param(replace(STATE, moved_from="/old"), Diagnosis(Health.MOVED, "/old"), id="moved"),
        pytest.param(replace(STATE, path="/a:b/.venv"), Diagnosis(Health.COLON), id="a colon"),
        pytest.param(
            replace(STATE, path="/a:b/.venv", moved_from="/old", home_exists=False),
            Diagnosis(Health.BASE_GONE, "/usr/bin"),
            id="several: the most fundamental",
        ),
    ],
)
def test_the_most_fundamental_ailment_is_named(state: VenvState, expected: Diagnosis) -> None:
    assert diagnose(state) == expected


@pytest.mark.parametrize(
    ("diagnosis", "text"),
    [
        pytest.param(Diagnosis(Health.WELL), "works", id="plain"),
        pytest.param(Diagnosis(Health.MOVED, "/old"), "was moved here from somewhere else (/old)", id="with its detail"),
    ],
)
def test_a_diagnosis_is_said_with_its_detail(diagnosis: Diagnosis, text: str) -> None:
    assert str(diagnosis) == text


@pytest.mark.parametrize("health", [pytest.param(health, id=health.name) for health in Health if health is not Health.WELL])
def test_only_what_a_new_environment_cannot_mend_has_another_remedy(health: Health) -> None:
    anew = Diagnosis(health).remedy == "envd init --clear"
    assert anew is (health not in (Health.COLON, Health.UNSEALED))
