"""Plans for other tools: read with the tools' own rules, and by any name no more than names."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.errors import AdvisorError
from advisor.facts.config.assignments import parse_assignments
from advisor.facts.config.boot_sysctl import read_boot_sysctl
from advisor.model.address import Address, IrqAddress, SysctlAddress
from advisor.model.plan import Plan
from advisor.model.unavailable import Unavailable
from advisor.report.export import FORMATS, File, export
from advisor.report.style import safe
from advisor.settings.shell import as_file
from tests.unit.facts.host_tree import host
from tests.unit.report.exports import NAMES, ORDINARY, change, nic, odd, plan, sysctl
from tests.unit.report.test_golden import compare

GOLDEN = Path(__file__).parent / "golden" / "export"
FILES = [(format, file.name) for format in FORMATS for file in export(ORDINARY, format)]


class Playbook(yaml.SafeLoader):
    """Loads YAML as Ansible does: what is tagged !unsafe is text that is no template."""


Playbook.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def text(made: Plan, format: str) -> str:
    """All files of an export."""
    return "".join(file.text for file in export(made, format))


def ini(file: File, **options: Any) -> configparser.ConfigParser:
    """A file as Python reads it, keys as they are."""
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), **options)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(file.text)
    return parser


def tuned_conf(made: Plan) -> configparser.ConfigParser:
    """tuned.conf as tuned/profiles/loader.py reads it."""
    return ini(export(made, "tuned")[0], inline_comment_prefixes=("#",), strict=False)


def tasks(made: Plan) -> list[dict[str, Any]]:
    (play,) = yaml.load(text(made, "ansible"), Playbook)
    found: list[dict[str, Any]] = play["tasks"]
    return found


@pytest.mark.parametrize(("format", "name"), FILES)
def test_an_ordinary_plan_is_exported_as_it_was_agreed(format: str, name: str) -> None:
    (file,) = (file for file in export(ORDINARY, format) if file.name == name)
    compare(GOLDEN / f"{format}-{name}", file.text)


def test_every_golden_export_is_compared_with_something() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {f"{form}-{name}" for form, name in FILES}


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_to_change_is_said(format: str) -> None:
    assert "nothing to change" in text(plan(), format)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "made", [ORDINARY, *map(odd, NAMES)], ids=lambda made: ascii(made.hostname)
)
def test_a_change_is_expressed_or_named_at_the_end(made: Plan, format: str) -> None:
    written = text(made, format)
    # A space ends what grep would find: the names of some settings begin as those of others do.
    left = set(re.findall(r"^# not expressible here: (.*?) = ", written, re.M))
    expressed = {safe(str(each.address)) for each in made.changes} - left
    assert len(left) + len(expressed) == len(made.changes)
    assert {"sysctl": 5, "link": 9, "ansible": 26, "tuned": 26, "shell": 26}[format] <= len(
        expressed
    ) or made is not ORDINARY
    assert "/owned" not in written


def test_sysctls_are_read_at_the_next_boot_as_the_plan_has_them(tmp_path: Path) -> None:
    (file,) = export(ORDINARY, "sysctl")
    files = host(tmp_path, {f"/etc/sysctl.d/{file.name}": file.text})
    config = read_boot_sysctl(files, Unavailable("not running"), tool="systemd")
    assert {key: each.value for key, each in config.keys.items()} == {
        "net.core.somaxconn": "16384",
        "net.ipv4.tcp_rmem": "4096 131072 4194304",
        "net.ipv4.tcp_congestion_control": "bbr",
        "net.netfilter.nf_conntrack_buckets": "262144",
        "net.ipv4.conf.eth0/100.rp_filter": "2",
    }
    assert config.faulty == ()


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_in_a_sysctl_file_a_name_is_the_key_or_left_out(name: str) -> None:
    (file,) = export(odd(name), "sysctl")
    found, faulty = parse_assignments(file.text, file.name)
    assert faulty == []
    assert [(each.key, each.value, each.is_pattern) for each in found] in (
        [(("net", "ipv4", "conf", name, "rp_filter"), "2", False)],
        [],
    )
    assert bool(found) != ("not expressible here: sysctl:" in file.text)
    assert file.text.isascii() or file.text.encode()


def test_names_that_end_a_key_or_are_patterns_are_left_out_of_a_sysctl_file() -> None:
    left = {name for name in NAMES if "expressible here: sysctl:" in text(odd(name), "sysctl")}
    assert left == {"a..b", ".a", "a=b", "[x]", "A*", "a\x1b[31mb", "not\udcffutf8", "x\u2028y"}


def test_options_of_systemd_link_stand_in_one_section_each() -> None:
    first, second = export(ORDINARY, "link")
    assert {name: dict(ini(first)[name]) for name in ini(first).sections()} == {
        "Link": {
            "LargeReceiveOffload": "no",
            "TCPSegmentationOffload": "yes",
            "MTUBytes": "9000",
            "RxBufferSize": "4096",
            "CombinedChannels": "8",
            "UseAdaptiveRxCoalesce": "no",
            "RxCoalesceSec": "50us",
            "TxFlowControl": "no",
        }
    }
    assert dict(ini(second)["Link"]) == {"TransmitQueueLength": "2000"}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_in_a_drop_in_a_name_stands_in_comments_alone(name: str) -> None:
    (file,) = export(odd(name), "link")
    if not name.isprintable():
        assert ini(file).sections() == []
        return
    assert {each: dict(ini(file)[each]) for each in ini(file).sections()} == {
        "Link": {"MTUBytes": "1400", "RxBufferSize": "1024"}
    }
    assert safe(name) in file.text


def test_a_playbook_reads_each_setting_before_it_changes_it() -> None:
    found = tasks(ORDINARY)
    file, rest = found[0], found[1:]
    assert file["ansible.builtin.copy"]["dest"] == "/etc/sysctl.d/99-z-advisor-export.conf"
    content, faulty = parse_assignments(file["ansible.builtin.copy"]["content"], "")
    assert (len(content), faulty) == (5, [])
    reads, writes = rest[::2], rest[1::2]
    assert len(reads) == len(writes) == len(ORDINARY.changes)
    for read, write in zip(reads, writes, strict=True):
        assert (read["changed_when"], read["check_mode"]) == (False, False)
        assert write["when"].startswith(f"{read['register']}.stdout is not search(")
        assert write["changed_when"] is True
        re.compile(write["vars"]["advisor_wanted"])
    used = {key for task in found for key in task if "." in key}
    assert used == {"ansible.builtin.copy", "ansible.builtin.command"}


SHOWN: list[tuple[Address, Any, str, bool]] = [
    (sysctl("net.ipv4.tcp_rmem"), (4096, 5, 6), "4096\t5\t6", True),
    (sysctl("net.ipv4.tcp_rmem"), (4096, 5, 6), "4096\t5\t66", False),
    (sysctl("net.core.somaxconn"), 40, "4096", False),
    (nic("a", "queue", "rx-0", "rps_cpus"), (0, 1), "00000000,00000003", True),
    (nic("a", "queue", "rx-0", "rps_cpus"), (0, 1), "00000003,00000003", False),
    (nic("a", "queue", "rx-0", "rps_cpus"), (), "0", True),
    (nic("a", "queue", "rx-0", "rps_cpus"), (), "3", False),
    (nic("a", "queue", "tx-0", "xps_cpus"), (1, 33), "2,00000002", True),
    (IrqAddress(45), (2, 3, 8), "2-3,8", True),
    (IrqAddress(45), (2,), "2-3", False),
    (nic("a", "mtu"), 9000, "9000", True),
    (nic("a", "qdisc"), "fq", "qdisc fq 8001: root refcnt 2", True),
    (nic("a", "qdisc"), "fq", "qdisc fq_codel 0: root refcnt 2", False),
    (nic("a", "feature", "rx-gro"), False, "generic-receive-offload: off", True),
    (nic("a", "feature", "rx-gro"), False, "generic-receive-offload: on", False),
    (nic("a", "feature", "tx-tcp-segmentation"), True, "\ttx-tcp-segmentation: on", True),
    (nic("a", "private", "x.y(z)"), True, "Private flags for a:\nx.y(z)   : on", True),
    (nic("a", "pause", "rx"), True, "Autonegotiate:\ton\nRX:\t\ton\nTX:\t\toff", True),
    (nic("a", "pause", "tx"), True, "Autonegotiate:\ton\nRX:\t\ton\nTX:\t\toff", False),
    (nic("a", "coalesce", "adaptive-rx"), True, "Adaptive RX: on  TX: off", True),
    (nic("a", "coalesce", "adaptive-tx"), True, "Adaptive RX: on  TX: off", False),
    (nic("a", "coalesce", "rx-usecs"), 5, "rx-usecs:\t5\nrx-usecs-irq:\t7", True),
    (nic("a", "coalesce", "rx-usecs"), 7, "rx-usecs:\t5\nrx-usecs-irq:\t7", False),
    (nic("a", "coalesce", "rx-frames-low"), 7, "rx-frame-low:\t7", True),
    (
        nic("a", "rss", "hash", "udp4"),
        "sdfn",
        "UDP over IPV4 flows use these fields for computing Hash flow key:\nIP SA\nIP DA\n"
        "L4 bytes 0 & 1 [TCP/UDP src port]\nL4 bytes 2 & 3 [TCP/UDP dst port]\n",
        True,
    ),
    (
        nic("a", "rss", "hash", "udp4"),
        "sd",
        "UDP over IPV4 flows use these fields for computing Hash flow key:\nIP SA\nIP DA\n"
        "L4 bytes 0 & 1 [TCP/UDP src port]\nL4 bytes 2 & 3 [TCP/UDP dst port]\n",
        False,
    ),
]
RING = """\
Pre-set maximums:
RX:\t\t4096
TX:\t\t4096
Current hardware settings:
RX:\t\t512
TX:\t\t256
"""
TABLE = """\
RX flow hash indirection table for a with 2 RX ring(s):
    0:      0     1     0     1     0     1     0     1
    8:      1     1
RSS hash key:
xx
"""
SHOWN += [
    (nic("a", "ring", "rx"), 512, RING, True),
    (nic("a", "ring", "rx"), 4096, RING, False),
    (nic("a", "ring", "tx"), 512, RING, False),
    (nic("a", "channels", "rx"), 512, RING, True),
    (nic("a", "rss", "indirection"), (0, 1) * 4 + (1, 1), TABLE, True),
    (nic("a", "rss", "indirection"), (0, 1) * 4 + (1, 0), TABLE, False),
    (nic("a", "rss", "indirection"), (0, 1) * 3 + (1, 1, 1, 1), TABLE, False),
]


@pytest.mark.parametrize(("address", "after", "shown", "there"), SHOWN)
def test_a_playbook_knows_whether_a_setting_is_as_it_should_be(
    address: Address, after: Any, shown: str, there: bool
) -> None:
    found = tasks(plan(change(address, after, after)))
    pattern = found[-1]["vars"]["advisor_wanted"]
    # As Ansible's test `search` does it, on output without its last newline.
    assert (re.search(pattern, shown.rstrip("\n"), re.M) is not None) is there


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_in_a_playbook_a_name_is_one_word_and_no_template(name: str) -> None:
    made = odd(name)
    if not name.isprintable():
        assert tasks(made) == []
        return
    commands = [task.get("ansible.builtin.command") for task in tasks(made)]
    words = [command["argv"] for command in commands if command is not None]
    assert ["ip", "link", "set", "dev", name, "mtu", "1400"] in words
    assert ["ethtool", "--set-priv-flags", name, name, "on"] in words
    for line in text(made, "ansible").splitlines():
        if any(sign in line for sign in ("{{", "{%", "{#")) and not line.strip().startswith("#"):
            assert "!unsafe" in line or re.match(r" +net\.", line), line
    for task in tasks(made):
        command = task.get("ansible.builtin.command", {"argv": []})
        expands = any("$" in word or word.startswith("~") for word in command["argv"])
        assert command.get("expand_argument_vars", True) is not expands


def test_a_tuned_profile_has_options_that_its_plugins_know() -> None:
    conf = tuned_conf(ORDINARY)
    assert dict(conf["sysctl"]) == {
        "net.core.somaxconn": "16384",
        "net.ipv4.tcp_rmem": "4096 131072 4194304",
        "net.ipv4.tcp_congestion_control": "bbr",
        "net.netfilter.nf_conntrack_buckets": "262144",
    }
    assert dict(conf["net_1"]) == {
        "type": "net",
        "devices": "eth0",
        "dynamic": "0",
        "features": "lro off",
        "mtu": "9000",
        "ring": "rx 4096",
        "channels": "combined 8",
        "coalesce": "adaptive-rx off rx-usecs 50",
        "pause": "tx off",
    }
    assert conf["net_2"]["txqueuelen"] == "2000"
    assert conf["script"]["script"] == "${i:PROFILE_DIR}/script.sh"


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_in_tuned_conf_stand_plain_names_alone(name: str) -> None:
    conf = tuned_conf(odd(name))
    values = [value for section in conf.sections() for value in conf[section].values()]
    known = {"net", "0", "1400", "rx 1024", "2", "${i:PROFILE_DIR}/script.sh", name}
    assert {value for value in values if not value.startswith("Network settings")} <= known
    if name not in ("eth0.100", "a..b", "dev", "all"):
        assert name not in values


def scripts(made: Plan) -> list[File]:
    found = [*export(made, "shell"), *export(made, "tuned")]
    return [file for file in found if file.executable]


@pytest.mark.parametrize(
    "made", [plan(), ORDINARY, *map(odd, NAMES)], ids=lambda m: ascii(m.hostname)
)
def test_a_script_is_one_that_the_shell_takes(made: Plan) -> None:
    for file in scripts(made):
        done = subprocess.run(
            ["sh", "-n"], input=file.text.encode(), capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("name", [name for name in NAMES if name.isprintable()], ids=ascii)
def test_in_a_script_a_name_is_one_word(name: str) -> None:
    made = odd(name)
    (script,) = export(made, "shell")
    lines = [line for line in script.text.splitlines() if line.startswith(("put ", "ip ", "tc "))]
    file = as_file(made.changes[0].address, 2)
    assert file is not None
    words = [shlex.split(line) for line in lines]
    assert words[0] == ["put", "2", file[0]]
    assert words[1] == ["ip", "link", "set", "dev", name, "mtu", "1400"]
    assert words[2] == ["tc", "qdisc", "replace", "dev", name, "root", "pfifo_fast"]


REFUSED: list[tuple[Address, Any]] = [
    (SysctlAddress(("kernel", "core_pattern")), "|x"),
    (SysctlAddress(("net", "..", "kernel", "core_pattern")), "x"),
    (SysctlAddress(("net", "a/../../kernel", "x")), 1),
    (SysctlAddress(("net", "core\nkernel", "x")), 1),
    (SysctlAddress(("net", "core", "somaxconn"), 0), 1),
    (sysctl("net.core.somaxconn"), "1\nkernel.x = 2"),
    (sysctl("net.core.somaxconn"), "a\u2028b"),
    (sysctl("net.core.somaxconn"), ""),
    (sysctl("net.core.somaxconn"), 1.5),
    (sysctl("net.core.somaxconn"), ((1,), 2)),
    (sysctl("net.core.somaxconn"), None),
    (nic("a/../b", "mtu"), 1500),
    (nic("a b", "mtu"), 1500),
    (nic("a\nb", "mtu"), 1500),
    (nic("..", "mtu"), 1500),
    (nic("a" * 16, "mtu"), 1500),
    (nic("é" * 8, "mtu"), 1500),
    (nic("a:1", "mtu"), 1500),
    (nic("a", "nothing"), 1),
    (nic("a", "queue", "rx-0;id", "rps_cpus"), (0,)),
    (nic("a", "queue", "rx-../0", "rps_cpus"), (0,)),
    (nic("a", "private", "a\nb"), True),
    (nic("a", "mtu"), "1500; id"),
    (nic("a", "mtu"), (1500,)),
    (nic("a", "ring", "rx"), "max"),
    (nic("a", "qdisc"), 5),
    (nic("a", "rss", "hash", "tcp4"), 5),
    (nic("a", "threaded"), "x"),
    (nic("a", "queue", "rx-0", "rps_cpus"), (10**12,)),
    (nic("a", "queue", "rx-0", "rps_cpus"), ("0",)),
    (nic("a", "queue", "rx-0", "rps_cpus"), (True,)),
    (nic("a", "rss", "indirection"), (10**9,)),
    (nic("a", "rss", "indirection"), ()),
    (IrqAddress(4), ()),
    (IrqAddress(4), (-1,)),
]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(("address", "after"), REFUSED, ids=lambda each: ascii(each)[:60])
def test_a_plan_that_names_more_than_settings_is_refused(
    address: Address, after: Any, format: str
) -> None:
    with pytest.raises(AdvisorError, match="cannot be exported"):
        export(plan(change(address, None, after)), format)


def test_what_was_there_before_has_to_be_a_value_too() -> None:
    with pytest.raises(AdvisorError, match="cannot be exported"):
        export(plan(change(sysctl("net.core.somaxconn"), "1\n2", 5)), "shell")


NAME = st.text(
    st.characters(codec="utf-8", exclude_characters="/: \t\n\r\x0b\x0c\0"), min_size=1, max_size=5
).filter(lambda name: name not in (".", "..") and len(name.encode()) <= 15)


@settings(max_examples=60, deadline=None)
@given(NAME)
def test_any_name_leaves_every_format_in_its_form(name: str) -> None:
    made = odd(name)
    key = ("net", "ipv4", "conf", name, "rp_filter")
    found, faulty = parse_assignments(text(made, "sysctl"), "x")
    assert faulty == [] and {each.key for each in found} <= {key}
    for file in export(made, "link"):
        assert ini(file).sections() in (["Link"], [])
    for task in tasks(made):
        assert set(task) <= {
            *("name", "register", "changed_when", "check_mode", "vars", "when"),
            *("ansible.builtin.command", "ansible.builtin.copy"),
        }
    assert set(tuned_conf(made).sections()) <= {"main", "sysctl", "net_1", "script"}
    for file in scripts(made):
        assert all(safe(line) == line for line in file.text.split("\n"))
