"""Taking envd out while shells are open that go on asking."""

from __future__ import annotations

import pytest
from tests.stage.home import Home

from envd.operations import setup
from envd.operations.publish import publish


def test_who_asks_meanwhile_is_not_told_that_something_is_allowed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    root = home.allowed(home.project())
    assert list((root / ".venv").glob(".envd-seal-*"))

    def asked_meanwhile(*_: object) -> None:
        publish(home.context, str(root))

    monkeypatch.setattr("envd.operations.setup.apply_edits", asked_meanwhile)
    setup.disconnect(home.context, [])
    assert not list((root / ".venv").glob(".envd*"))
    assert not home.places.state.exists()
