"""Offloads: on, asked for, for the user to change."""

from __future__ import annotations

import pytest

from advisor.facts.nics.feature_states import features
from advisor.model.nic_settings import Feature


@pytest.mark.parametrize(
    ("changeable", "requested", "active", "never_changed", "expected"),
    [
        (1, 1, 1, 0, Feature(active=True, fixed=False, requested=True)),
        (1, 1, 0, 0, Feature(active=False, fixed=False, requested=True)),
        (1, 0, 1, 0, Feature(active=True, fixed=False, requested=False)),
        (1, 0, 0, 0, Feature(active=False, fixed=False, requested=False)),
        # wanted_features says nothing of what cannot be changed.
        (0, 0, 1, 0, Feature(active=True, fixed=True, requested=True)),
        (0, 1, 0, 0, Feature(active=False, fixed=True, requested=False)),
        (1, 0, 1, 1, Feature(active=True, fixed=True, requested=True)),
        (1, 1, 0, 1, Feature(active=False, fixed=True, requested=False)),
    ],
)
def test_a_feature_has_three_sides(
    changeable: int, requested: int, active: int, never_changed: int, expected: Feature
) -> None:
    found = features(
        ["", "rx-gro"],
        changeable=changeable << 1,
        requested=requested << 1,
        active=active << 1,
        never_changed=never_changed << 1,
    )
    assert found == {"rx-gro": expected}
