"""The shipped rules and profiles are found in a checkout and inside an installed package."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.errors import AdvisorError
from advisor.knowledge import locations

CHECKOUT = Path(__file__).resolve().parents[3]


def test_a_checkout_uses_the_directories_beside_the_package() -> None:
    assert locations.rules_dir() == CHECKOUT / "rules"
    assert locations.profiles_dir() == CHECKOUT / "profiles"


@pytest.mark.parametrize("find, name", [("rules_dir", "rules"), ("profiles_dir", "profiles")])
def test_an_installed_package_uses_its_own_copy_not_a_neighbour_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, find: str, name: str
) -> None:
    package = tmp_path / "site-packages" / "advisor"
    (package / "_data" / name).mkdir(parents=True)
    (package.parent / name).mkdir()
    monkeypatch.setattr(locations, "_PACKAGE", package)
    assert getattr(locations, find)() == package / "_data" / name


def test_an_incomplete_installation_is_an_error_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locations, "_PACKAGE", tmp_path / "advisor")
    with pytest.raises(AdvisorError, match="shipped rules are missing") as caught:
        locations.rules_dir()
    assert caught.value.hint is not None and "reinstall" in caught.value.hint
