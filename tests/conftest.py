"""What every test can rely on."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    """The configuration of the machine that runs the tests does not count."""
    monkeypatch.setenv("ADVISOR_CONFIG_DIR", "")
