"""A redacted Host names nobody, and means the same."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from advisor.facts import snapshot
from advisor.facts.redact import redact
from advisor.facts.snapshot import plain
from advisor.model.host import Host, Sample
from advisor.model.nic import Nic
from advisor.model.stack import Listener, Qdisc, Sockets
from advisor.model.system import Collection, Irq, Kernel, Platform
from advisor.model.unavailable import Unavailable
from tests.unit.facts.hosts import hosts

IDENTIFYING = [
    "db7.example.net",
    "10.1.2.3",
    "10.1.2.30",
    "2a01:4f8::17",
    "52:54:00:12:34:56",
    "525400123456",
    "192.0.2.80",
    "203.0.113.9",
]


def _nic(name: str, address: str, driver_version: str = "") -> Nic:
    return Nic(
        name=name,
        index=2,
        kind="ethernet",
        physical=True,
        up=True,
        running=True,
        mtu=1500,
        txqueuelen=1000,
        address=address,
        driver_version=driver_version,
    )


def _listeners(*keys: str) -> dict[str, Listener]:
    found = {}
    for key in keys:
        address, _, port = key.partition("#")[0].rpartition(":")
        found[key] = Listener(
            address=address.strip("[]"), port=int(port), accept_queue=0, backlog=128
        )
    return found


def _host() -> Host:
    collection = Collection(
        hostname="db7.example.net",
        at="2025-05-04T03:02:01Z",
        source="live",
        uptime_s=1.0,
        privileged=True,
        advisor="0.1.0",
    )
    earlier = Host(collection=collection, listeners=_listeners("10.1.2.3:80", "203.0.113.9:80"))
    return Host(
        collection=collection,
        kernel=Kernel(release="6.1.0", version=(6, 1, 0), machine="x86_64", hz=250, page_size=4096),
        platform=Platform(hypervisor="kvm", container="none", cloud="none", vendor="", product=""),
        sysctl={"net": {"ipv4": {"conf": {"enx525400123456": {"rp_filter": 1}}}}},
        nics={
            "eth0": _nic("eth0", "52:54:00:12:34:56", driver_version="10.1.2.3.4"),
            "enx525400123456": _nic("enx525400123456", "52:54:00:12:34:56"),
            "lo": _nic("lo", "00:00:00:00:00:00"),
        },
        irqs={
            "5": Irq(
                irq=5,
                name="enx525400123456-rx-0",
                nic="enx525400123456",
                counts={},
                total=0,
                affinity=(),
                effective=Unavailable("cannot reach 10.1.2.3: timed out"),
            )
        },
        listeners=_listeners(
            "0.0.0.0:22",
            "127.0.0.53:53",
            "[::]:443",
            "[::1]:631",
            "10.1.2.3:80",
            "10.1.2.3:80#2",
            "10.1.2.30:80",
            "[2a01:4f8::17]:443",
        ),
        sockets=Sockets(
            states={},
            established=0,
            established_loopback=0,
            examined=0,
            congestion={},
            ports_most_used=3,
            ports_most_used_to="192.0.2.80:443",
        ),
        qdiscs={
            "enx525400123456 root": Qdisc(
                nic="enx525400123456", kind="fq", handle="8001:", parent="root"
            )
        },
        sample=Sample(seconds=1.0, before=earlier),
    )


def test_nothing_that_identifies_the_host_is_left() -> None:
    text = snapshot.encode(redact(_host()))
    assert [name for name in IDENTIFYING if name in text.replace("10.1.2.3.4", "")] == []


def test_the_unredacted_snapshot_holds_all_of_it() -> None:
    text = snapshot.encode(_host())
    assert [name for name in IDENTIFYING if name not in text] == []


def test_addresses_are_replaced_alike_everywhere() -> None:
    host = redact(_host())
    assert isinstance(host.listeners, dict)
    assert list(host.listeners) == [
        "0.0.0.0:22",
        "127.0.0.53:53",
        "[::]:443",
        "[::1]:631",
        "198.18.0.1:80",
        "198.18.0.1:80#2",
        "198.18.0.2:80",
        "[2001:db8::1]:443",
    ]
    assert host.listeners["198.18.0.1:80#2"].address == "198.18.0.1"
    assert host.listeners["[2001:db8::1]:443"].address == "2001:db8::1"
    assert isinstance(host.irqs, dict)
    assert host.irqs["5"].effective == Unavailable("cannot reach 198.18.0.1: timed out")
    assert isinstance(host.sockets, Sockets)
    assert host.sockets.ports_most_used_to == "198.18.0.3:443"
    assert host.sample is not None
    assert isinstance(host.sample.before.listeners, dict)
    assert list(host.sample.before.listeners) == ["198.18.0.1:80", "198.18.0.4:80"]


def test_a_hardware_address_is_replaced_in_names_too() -> None:
    host = redact(_host())
    assert isinstance(host.nics, dict)
    assert list(host.nics) == ["eth0", "enx020000000001", "lo"]
    assert host.nics["eth0"].address == "02:00:00:00:00:01"
    assert host.nics["enx020000000001"].name == "enx020000000001"
    assert host.nics["lo"].address == "00:00:00:00:00:00"
    assert isinstance(host.qdiscs, dict)
    assert host.qdiscs["enx020000000001 root"].nic == "enx020000000001"
    assert host.sysctl == {"net": {"ipv4": {"conf": {"enx020000000001": {"rp_filter": 1}}}}}


def test_a_version_that_looks_like_an_address_stays() -> None:
    host = redact(_host())
    assert isinstance(host.nics, dict)
    assert host.nics["eth0"].driver_version == "10.1.2.3.4"


@pytest.mark.parametrize("hostname", ["kvm", "none", "eth0", "x86_64", "", "."])
def test_a_hostname_that_is_also_a_fact_changes_no_other_fact(hostname: str) -> None:
    host = _host()
    named = dataclasses.replace(
        host, collection=dataclasses.replace(host.collection, hostname=hostname)
    )
    assert redact(named) == redact(host)


def test_the_same_host_is_redacted_the_same_way() -> None:
    assert redact(_host()) == redact(_host())


def test_the_hardware_address_keeps_its_length() -> None:
    infiniband = ":".join(["80"] * 20)
    host = dataclasses.replace(_host(), nics={"ib0": _nic("ib0", infiniband)})
    nics = redact(host).nics
    assert isinstance(nics, dict)
    assert nics["ib0"].address == "02:" + "00:" * 18 + "01"


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(hosts())
def test_any_host_can_be_redacted_and_only_texts_change(host: Host) -> None:
    assert _without_texts(plain(redact(host))) == _without_texts(plain(host))


def _without_texts(data: Any) -> Any:
    """The same with every text empty; keys in their order."""
    if isinstance(data, dict):
        return [_without_texts(each) for each in data.values()]
    if isinstance(data, list):
        return [_without_texts(each) for each in data]
    return "" if isinstance(data, str) else data
