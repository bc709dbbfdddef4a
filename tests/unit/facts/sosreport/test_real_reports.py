"""Reports of real hosts, where there are some: ADVISOR_SOSREPORT names one, or several with ":".

They are not part of the sources: reports hold what identifies a host.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from advisor.facts.snapshot import decode, encode
from advisor.facts.sosreport.load import is_sosreport, load
from advisor.model.unavailable import Unavailable

REPORTS = [Path(path) for path in os.environ.get("ADVISOR_SOSREPORT", "").split(":") if path]

if not REPORTS:
    pytest.skip("ADVISOR_SOSREPORT names no report", allow_module_level=True)


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.name)
def test_a_real_report_is_read_within_a_second(path: Path) -> None:
    assert is_sosreport(str(path))
    started = time.monotonic()
    host = load(str(path))
    assert time.monotonic() - started < 1
    assert decode(encode(host).encode(), path.name) == host
    for section in (host.kernel, host.memory, host.cpu, host.sysctl, host.nics, host.nstat):
        assert not isinstance(section, Unavailable), section
