"""What a map shows of a host: CPUs, interrupts, queues, and where findings sit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from advisor.errors import AdvisorError
from advisor.knowledge.fixtures import build_host
from advisor.model.finding import Finding, Place
from advisor.model.rule import Scope
from advisor.model.unavailable import Unavailable
from advisor.report.map.model import Drawn, Line, Queue, Seat
from advisor.report.map.picture import Picture
from tests.unit.report.map.hosts import HOSTS, device, host, machine, queueing
from tests.unit.report.map.pictures import EVERYWHERE, RING, STARVED, TINY, draw, picture
from tests.unit.report.reports import failure


def seats(drawn: Drawn) -> list[Seat]:
    return [seat for node in drawn.nodes for seat in node.seats]


def lines(drawn: Drawn) -> list[Line]:
    placed = [line for seat in seats(drawn) for line in seat.lines]
    return placed + [line for apart in drawn.apart for line in apart.lines]


def queues(drawn: Drawn, way: str) -> list[Queue]:
    pairs = [pair for line in lines(drawn) for pair in line.pairs]
    found = [queue for pair in pairs for queue in pair if queue is not None]
    return [queue for queue in found if queue.way == way]


def seat(drawn: Drawn, cpu: int) -> Seat:
    return next(seat for seat in seats(drawn) if seat.cpus == (cpu,))


def queue(drawn: Drawn, way: str, number: int) -> Queue:
    return next(queue for queue in queues(drawn, way) if queue.number == number)


def marked(drawn_picture: Picture) -> Iterator[str]:
    """Every letter that is drawn anywhere."""
    yield from drawn_picture.marks
    for drawn in drawn_picture.drawn:
        yield from drawn.marks
        for fact in drawn.facts:
            yield from fact.marks
        for each in [*seats(drawn), *lines(drawn), *queues(drawn, "rx"), *queues(drawn, "tx")]:
            yield from each.marks


@pytest.mark.parametrize("name", HOSTS)
def test_every_queue_is_drawn_exactly_once(name: str) -> None:
    nics = HOSTS[name].nics
    assert isinstance(nics, dict)
    for drawn in picture(name).drawn:
        for way in ("rx", "tx"):
            expected = getattr(nics[drawn.name], f"{way}_queues")
            if drawn.brief or isinstance(expected, Unavailable):
                expected = {}
            assert sorted(q.number for q in queues(drawn, way)) == sorted(map(int, expected))


@pytest.mark.parametrize("name", HOSTS)
def test_every_online_cpu_is_drawn_exactly_once(name: str) -> None:
    cpu = HOSTS[name].cpu
    each = {} if isinstance(cpu, Unavailable) else cpu.each
    for drawn in picture(name).drawn:
        if drawn.nodes:
            several = [seat for seat in seats(drawn) if len(seat.cpus) > 1]
            shown = [cpu for node in drawn.nodes for cpu in node.others]
            shown += [seat.cpus[0] for seat in seats(drawn) if seat.online and seat not in several]
            shown += [cpu for seat in several for cpu in seat.cpus]
            assert sorted(shown) == sorted(map(int, each))


def test_a_cpu_has_its_interrupts_softirq_and_node() -> None:
    (drawn,) = picture("eight").drawn
    busy = seat(drawn, 2)
    assert busy.softirq == pytest.approx(0.97)
    assert busy.saturated and not seat(drawn, 3).saturated
    assert [line.irq for line in busy.lines] == [102]
    assert [(node.node, node.near) for node in drawn.nodes] == [(0, True)]


def test_softirq_is_averaged_since_boot_without_a_sample() -> None:
    given = host(machine(1), {"eth0": device(1)}, sampled=False)
    (drawn,) = draw(given).drawn
    assert seat(drawn, 0).softirq == pytest.approx((500 + 0.1) / 86400)


def test_the_load_of_a_queue_is_what_the_sample_counted() -> None:
    (drawn,) = picture("eight").drawn
    load = queue(drawn, "rx", 2).load
    assert (load.packets, load.per_s) == (50_074, 5007.4)
    shares = [queue.load.share or 0 for queue in queues(drawn, "rx")]
    assert sum(shares) == pytest.approx(1)
    assert load.share == max(shares)


def test_drops_stalls_and_limits_of_a_queue_are_counted_over_the_sample() -> None:
    (drawn,) = picture("eight").drawn
    assert queue(drawn, "rx", 2).dropped == 1200
    five = queue(drawn, "tx", 5)
    assert five.stalls == 3
    assert five.bql is not None and five.bql.inflight == five.bql.limit


def test_a_counter_that_was_reset_is_not_known() -> None:
    cpus, nic = machine(1), device(1)
    nic[0]["rx_queues"]["0"]["packets"] = 5
    (drawn,) = draw(host(cpus, {"eth0": nic})).drawn
    assert queue(drawn, "rx", 0).load.packets is None


@pytest.mark.parametrize("handle", ["8001:", "0:", "1:"])
def test_what_waits_in_a_queueing_discipline_stands_at_its_queue(handle: str) -> None:
    major = "" if handle == "0:" else handle[:-1]
    qdiscs = {
        "eth0 root": {"kind": "mq", "handle": handle},
        f"eth0 {major}:b": {"kind": "fq", "backlog_packets": 7, "backlog_bytes": 700},
    }
    (drawn,) = draw(host(machine(16), {"eth0": device(16)}, qdiscs=qdiscs)).drawn
    waiting = {queue.number: queue.waiting for queue in queues(drawn, "tx") if queue.waiting}
    assert waiting == {10: 7}
    assert queue(drawn, "tx", 10).waiting_bytes == 700


def test_classes_of_other_disciplines_are_not_queues() -> None:
    qdiscs = {
        "eth0 root": {"kind": "htb", "handle": "1:"},
        "eth0 1:1": {"kind": "fq", "backlog_packets": 7},
    }
    (drawn,) = draw(host(machine(2), {"eth0": device(2)}, qdiscs=qdiscs)).drawn
    assert {queue.waiting for queue in queues(drawn, "tx")} == {None}


def test_threads_of_a_core_stand_beside_each_other() -> None:
    (drawn,) = picture("hundred-and-twenty-eight").drawn
    for node in drawn.nodes:
        cores = [seat.core for seat in node.seats]
        assert cores == sorted(cores, key=lambda core: core or 0)
        assert all(len(seat.threads) == 2 for seat in node.seats)


def test_nodes_are_near_or_remote() -> None:
    (drawn,) = picture("hundred-and-twenty-eight").drawn
    assert [node.near for node in drawn.nodes] == [True, False, False, False]


def test_a_device_without_a_node_is_near_to_none() -> None:
    (drawn,) = picture("one").drawn
    assert [node.near for node in drawn.nodes] == [None]
    assert "no NUMA node" in drawn.title


def test_an_offline_cpu_of_a_mask_is_drawn_as_such() -> None:
    (drawn,) = picture("odd").drawn
    offline = seat(drawn, 9)
    assert not offline.online
    assert isinstance(offline.softirq, Unavailable)


def test_cpus_that_rps_names_are_drawn_though_they_take_no_interrupt() -> None:
    (drawn,) = picture("odd").drawn
    assert seat(drawn, 3).rps == (0,)
    assert seat(drawn, 3).lines == ()


def test_an_interrupt_for_several_cpus_is_at_none_of_them_alone() -> None:
    (drawn,) = picture("odd").drawn
    (both,) = [seat for seat in seats(drawn) if len(seat.cpus) > 1]
    assert both.cpus == (1, 2)
    assert [line.irq for line in both.lines] == [101]


def test_queues_whose_cpu_is_not_known_are_apart_with_the_reason() -> None:
    (unknown,) = picture("unknown").drawn
    assert [apart.reason for apart in unknown.apart] == ["no permission to read /proc/interrupts"]
    assert seats(unknown) == []
    (odd,) = picture("odd").drawn
    (apart,) = odd.apart
    assert "not among those" in apart.reason
    assert [line.irq for line in apart.lines] == [103]


def test_queues_without_an_interrupt_are_apart_with_the_reason() -> None:
    (drawn,) = draw(host(machine(2), {"eth0": device(2, bare=True)})).drawn
    (apart,) = drawn.apart
    assert apart.reason == "the names of its interrupts do not tell which queues they serve"
    assert [line.irq for line in apart.lines] == [None]


def test_software_has_queues_and_no_interrupts() -> None:
    (drawn,) = draw(HOSTS["software"], asked="veth0").drawn
    assert drawn.nodes == ()
    assert "software" in drawn.title[0]
    assert [apart.reason.split(":")[0] for apart in drawn.apart] == [
        "a software interface has no interrupts"
    ]
    assert len(queues(drawn, "rx")) == 4


@pytest.mark.parametrize(
    ("name", "asked", "drawn"),
    [
        ("bond", None, ["eth0", "eth1"]),
        ("bond", "eth1", ["eth1"]),
        ("bond", "bond0", ["bond0", "eth0", "eth1"]),
        ("bond", "bond0.7", ["bond0.7", "eth0", "eth1"]),
        ("software", None, ["veth0", "br0"]),
        ("software", "br0", ["br0"]),
        ("software", "lo", ["lo"]),
        ("hostile", "-x", ["-x"]),
        ("hostile", "$(id)", ["$(id)"]),
    ],
)
def test_these_interfaces_are_drawn(name: str, asked: str | None, drawn: list[str]) -> None:
    assert [each.name for each in draw(HOSTS[name], asked=asked).drawn] == drawn


def test_without_hardware_software_is_described_and_called_so() -> None:
    shown = picture("software")
    assert all(drawn.brief for drawn in shown.drawn)
    assert "no hardware interface is up" in shown.intro[0]


def test_hardware_that_is_down_is_named_and_drawn_only_when_asked_for() -> None:
    down = device(1)
    down[0]["up"] = False
    given = host(machine(1), {"eth0": device(1), "eth1": down})
    assert [drawn.name for drawn in draw(given).drawn] == ["eth0"]
    assert draw(given).intro == ("not drawn, as they are down: eth1",)
    assert [drawn.name for drawn in draw(given, asked="eth1").drawn] == ["eth1"]


def test_a_host_without_interfaces_has_an_empty_map() -> None:
    shown = draw(build_host({"nics": {}}))
    assert (shown.drawn, len(shown.intro)) == ((), 1)


@pytest.mark.parametrize(
    ("asked", "hint"), [("eht0", "did you mean eth0?"), ("zzz", "there are eth0")]
)
def test_an_unknown_name_is_an_error_that_names_what_is_meant(asked: str, hint: str) -> None:
    with pytest.raises(AdvisorError, match="there is no interface") as caught:
        draw(HOSTS["eight"], asked=asked)
    assert caught.value.hint == hint


def test_interfaces_that_cannot_be_read_are_an_error_with_the_reason() -> None:
    with pytest.raises(AdvisorError, match="no permission"):
        draw(build_host({"nics": {"unavailable": "no permission"}}))


def test_an_interface_says_what_it_is_part_of() -> None:
    vlan, first, _ = picture("bond").drawn
    assert "on bond0" in vlan.title
    assert "in bond0" in first.title
    (bond, *_) = draw(HOSTS["bond"], asked="bond0").drawn
    assert "802.3ad over eth0, eth1, below bond0.7" in bond.title


def test_findings_are_marked_where_they_sit() -> None:
    shown = picture("eight")
    (drawn,) = shown.drawn
    letter = {note.finding.rule.id: note.mark for note in shown.notes}
    at = {fact.part: fact.marks for fact in drawn.facts}
    assert at["completion"] == (letter["CQ001"],)
    assert at["channels"] == (letter["NIC001"],)
    assert at["ring"] == (letter["NIC014"],)
    assert at["rss"] == (letter["NIC007"],)
    assert seat(drawn, 2).marks == (letter["CQ001"], letter["SIQ001"])
    assert queue(drawn, "rx", 2).marks == queue(drawn, "tx", 2).marks == (letter["NIC007"],)
    assert seat(drawn, 2).lines[0].marks == (letter["NIC007"],)
    assert drawn.marks == (letter["QDI001"],)
    assert shown.marks == (letter["SND001"],)


def test_a_finding_about_the_host_that_does_not_hurt_and_has_no_place_is_counted() -> None:
    shown = picture("eight")
    assert shown.elsewhere == 1
    assert "SIQ006" not in {note.finding.rule.id for note in shown.notes}


def _at(*places: Place, scope: Scope = Scope.NIC, target: str = "eth0") -> Finding:
    return failure("NIC099", "made-up", scope=scope, target=target, message="so", places=places)


@pytest.mark.parametrize(
    "finding",
    [
        *EVERYWHERE[:6],
        _at(Place("cpu", 7)),
        _at(Place("cpu", 4096)),
        _at(Place("irq", 4096)),
        _at(Place("rx", 4096)),
        _at(Place("nonsense")),
        _at(scope=Scope.QDISC, target="eth0 8001:1"),
        *(_at(Place(part)) for part in ("link", "pcie", "rps", "xps", "offload", "qdisc")),
    ],
    ids=lambda finding: f"{finding.rule.id}-{finding.places}",
)
@pytest.mark.parametrize("name", ["one", "eight", "unknown", "blind", "odd"])
def test_a_finding_about_an_interface_is_always_drawn(name: str, finding: Finding) -> None:
    shown = draw(HOSTS[name], (replace(finding, active=True),))
    assert set(marked(shown)) == {note.mark for note in shown.notes} == {"A"}


def test_findings_about_software_are_drawn_too() -> None:
    finding = _at(Place("ring"), Place("cpu", 0), Place("rx", 0), target="veth0")
    for asked in (None, "veth0"):
        shown = draw(HOSTS["software"], (finding,), asked)
        assert set(marked(shown)) == {"A"}


def test_a_finding_about_another_interface_has_no_place() -> None:
    shown = draw(HOSTS["bond"], (_at(target="eth1"),), "eth0")
    assert (shown.notes, shown.elsewhere) == ((), 1)


def test_a_finding_about_a_cpu_that_serves_no_interface_is_not_drawn_there() -> None:
    idle = failure("SIQ001", "imbalance", active=True, message="so", places=(Place("cpu", 3),))
    shown = draw(host(machine(4), {"eth0": device(2)}), (idle,))
    assert shown.marks == ("A",)
    assert 3 in shown.drawn[0].nodes[0].others


def test_letters_go_on_after_z() -> None:
    shown = draw(HOSTS["eight"], [RING] * 28)
    assert [shown.notes[index].mark for index in (0, 25, 26, 27)] == ["A", "Z", "AA", "AB"]


def test_only_the_most_urgent_findings_about_the_host_are_marked() -> None:
    shown = draw(HOSTS["eight"], [STARVED, *[TINY] * 20])
    assert (len(shown.marks), shown.elsewhere) == (8, 12)


def test_what_is_not_known_says_why() -> None:
    facts = {fact.label: fact for fact in picture("unknown").drawn[0].facts}
    assert facts["completion"].text == "unknown: not known of the driver synthetic"
    assert not facts["completion"].known
    assert facts["qdisc"].text == "mq; what waits is unknown: no permission"


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("channels", "combined 8 (max 8)"),
        ("rings", "rx 1024 (max 8192) · tx 1024 (max 8192)"),
        ("RSS", "128 slots over 8 queues, 16 each"),
        ("RPS", "off"),
        ("XPS", "8 queues, each chosen by the CPU of its interrupt"),
        ("qdisc", "mq over 8 x fq_codel · 3127 packets (4.47 MiB) wait"),
        ("traffic", "received 100k packets/s, 6.87 Gbit/s (6.9 % of the link)"),
    ],
)
def test_the_facts_are_put_into_words(label: str, text: str) -> None:
    assert next(f.text for f in picture("eight").drawn[0].facts if f.label == label) == text


def test_what_splitting_costs_is_told_in_pairs() -> None:
    text = next(f.text for f in picture("eight").drawn[0].facts if f.label == "completion")
    assert text.startswith("one ring: ")
    assert text.endswith("which leaves 4 pairs of 8")


def test_rates_are_not_made_of_totals_of_a_namespace() -> None:
    netns = {"inode": 1, "initial": False}
    given = host(machine(1), {"eth0": device(1)}, sampled=False, netns=netns)
    (drawn,) = draw(given).drawn
    assert queue(drawn, "rx", 0).load.per_s is None
    assert "received 9000000 packets" in next(f.text for f in drawn.facts if f.label == "traffic")


def test_a_backlog_at_a_queue_needs_only_its_number() -> None:
    given = host(machine(32), {"eth0": device(32)}, qdiscs=queueing("eth0", 32, {31: 5}))
    assert queue(draw(given).drawn[0], "tx", 31).waiting == 5
