"""Kernel, platform, services, protocol counters and qdiscs of a report."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.sosreport.host import parse_conntrack
from advisor.facts.sosreport.kernel import page_size, read_report_kernel
from advisor.facts.sosreport.nstat import parse_nstat, read_report_nstat
from advisor.facts.sosreport.platform import parse_dmidecode, read_report_platform
from advisor.facts.sosreport.qdiscs import parse_qdiscs
from advisor.facts.sosreport.services import read_report_services
from advisor.facts.sosreport.sysctl import with_sysctl_files
from advisor.model.stack import Qdisc
from advisor.model.system import Kernel, Services
from advisor.model.unavailable import Unavailable
from tests.unit.facts.sosreport.reports import Entries, bundle, report

KERNEL = "Kernel: Linux 5.4\n"


def test_the_kernel_of_both_layouts() -> None:
    new = read_report_kernel(with_sysctl_files(report(bundle("sos4"))))
    assert new == Kernel("5.14.0-362.8.1.el9_3.x86_64", (5, 14, 0), "x86_64", 1000, 4096)
    old = read_report_kernel(report(bundle("sos3")))
    assert isinstance(old, Kernel)
    assert (old.release, old.machine, old.page_size) == ("3.10.0-1160.el7.x86_64", "x86_64", 4096)
    assert old.hz == Unavailable(
        "the kernel's configuration (/boot/config-…) is not in this sosreport"
    )


@pytest.mark.parametrize("text", ["", "uname: not found\n", "Linux\n"])
def test_without_a_release_there_is_no_kernel(text: str) -> None:
    kernel = read_report_kernel(report({"sos_commands/kernel/uname_-a": text}))
    assert isinstance(kernel, Unavailable)


@pytest.mark.parametrize(
    ("zones", "machine", "release", "size"),
    [
        ("Node 0\n        managed  1000\n        managed  24\n", "aarch64", "6.1", 65536),
        ("Node 0\n        managed  16384\n", "aarch64", "6.1+64k", 4096),
        ("Node 0\n        managed  3\n", "x86_64", "6.1", 4096),  # a container's limit
        (None, "x86_64", "6.1", 4096),
        (None, "ppc64le", "6.1", 65536),
        (None, "aarch64", "5.14.0-1.el9.aarch64+64k", 65536),
        (None, "aarch64", "6.1.0-18-arm64", 4096),
    ],
)
def test_pages_are_measured_where_that_is_possible(
    zones: str | None, machine: str, release: str, size: int
) -> None:
    entries = {"proc/meminfo": "MemTotal:  65536 kB\n"}
    if zones is not None:
        entries["proc/zoneinfo"] = zones
    assert page_size(report(entries), release, machine) == size


@pytest.mark.parametrize(
    ("entries", "hypervisor", "container"),
    [
        ({"sos_commands/host/hostnamectl_status": KERNEL}, None, "none"),
        (
            {"sos_commands/host/hostnamectl_status": f"  Virtualization: kvm\n{KERNEL}"},
            "kvm",
            "none",
        ),
        (
            {"sos_commands/host/hostnamectl_status": f"  Virtualization: microsoft\n{KERNEL}"},
            "hyperv",
            "none",
        ),
        ({"sos_commands/host/hostnamectl_status": f"  Virtualization: lxc\n{KERNEL}"}, None, "lxc"),
        ({"sos_commands/host/hostnamectl_status": "Failed to connect to bus\n"}, None, None),
        (
            {"proc/1/mountinfo": "1 2 0:5 /proc/stat /proc/stat rw,nosuid - fuse.lxcfs lxcfs rw\n"},
            None,
            "lxc",
        ),
        ({"proc/1/mountinfo": "1 2 0:5 / /var/lib/lxcfs rw - fuse.lxcfs lxcfs rw\n"}, None, None),
        (
            {
                "sos_commands/systemd/systemctl_list-units": (
                    "  proc-meminfo.mount loaded active mounted x\n"
                )
            },
            None,
            "lxc",
        ),
        ({"sos_commands/processor/lscpu": "Hypervisor vendor:   VMware\n"}, "vmware", None),
        ({"run/systemd/container": "podman\n"}, None, "podman"),
        ({}, None, None),
    ],
)
def test_what_a_host_runs_on(
    entries: Entries, hypervisor: str | None, container: str | None
) -> None:
    platform = read_report_platform(report(entries))
    assert _known(platform.hypervisor) == hypervisor
    assert _known(platform.container) == container


def _known(value: str | Unavailable) -> str | None:
    return None if isinstance(value, Unavailable) else value


def test_dmidecode_stands_in_for_sysfs() -> None:
    text = (
        "BIOS Information\n\tVendor: Amazon EC2\n\tVersion: 1.0\n\nSystem Information\n"
        "\tManufacturer: Amazon EC2\n\tProduct Name: m5.large\n\tVersion: Not Specified\n\n"
        "Processor Information\n\tManufacturer: Intel\n\tVersion: x\n"
    )
    assert parse_dmidecode(text)["sys_vendor"] == "Amazon EC2"
    platform = read_report_platform(report({"sos_commands/hardware/dmidecode": text}))
    assert (platform.cloud, platform.hypervisor, platform.product) == ("aws", "kvm", "m5.large")


UNITS = """\
  UNIT                      LOAD   ACTIVE SUB     DESCRIPTION
  docker.service            loaded active running Docker
* broken.service            loaded failed failed  Broken
  irqbalance.service        loaded active exited  irqbalance
  systemd-networkd.service  loaded active running Network Service
"""
PS_COMM = "ps_axo_pid_ppid_user_group_lwp_nlwp_start_time_comm_cgroup"
PS = "USER  PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND\n"


@pytest.mark.parametrize(
    ("entries", "running"),
    [
        ({"sos_commands/systemd/systemctl_list-units": UNITS}, ("dockerd", "systemd-networkd")),
        (
            {
                "sos_commands/process/ps_auxfwww": PS
                + "root 1 0 0 0 0 ? Ss 1 1  \\_ /usr/sbin/irqbalance --foreground\n"
                + "root 2 0 0 0 0 ? Ss 1 1 /usr/libexec/platform-python -Es /usr/sbin/tuned -l\n"
                + "root 3 0 0 0 0 ? Ss 1 1 grep tuned\n"
                + "root 4 0 0 0 0 ? Ss 1 1\n"
            },
            ("irqbalance", "tuned"),
        ),
        (
            {
                f"sos_commands/process/{PS_COMM}": (
                    "warning: something\n  PID  PPID USER     COMMAND         CGROUP\n"
                    "    5     1 root     systemd-network 0::/x\n    6     1 root     bash   0::/\n"
                )
            },
            ("systemd-networkd",),
        ),
        ({}, None),
    ],
)
def test_programs_are_found_in_every_source(
    entries: Entries, running: tuple[str, ...] | None
) -> None:
    services = read_report_services(report(entries), "none")
    assert (services.running if isinstance(services, Services) else None) == running


def test_the_profile_of_tuned() -> None:
    new = read_report_services(report(bundle("sos4")), "none")
    assert new == Services(("NetworkManager", "irqbalance", "tuned"), "throughput-performance")
    old = read_report_services(report(bundle("sos3")), Unavailable("not known"))
    assert old == Services(("NetworkManager", "tuned"), "virtual-guest")


def test_a_container_does_not_show_the_hosts_programs() -> None:
    assert isinstance(read_report_services(report(bundle("sos4")), "lxc"), Unavailable)


def test_nstat_stands_in_for_the_files() -> None:
    text = (
        "#kernel\nIpInReceives                    5                  0.0\n"
        "TcpMaxConn                      18446744073709551615  0.0\n"
        "TcpActiveOpens 7 0.0\nTcpExtListenOverflows 9 0.0\nIp6InReceives 4 0.0\n"
        "Icmp6InMsgs 3 0.0\nIcmpInMsgs 2 0.0\nIcmpMsgInType3 1 0.0\nUdpLite6InErrors 8 0.0\n"
        "MPTcpExtMPCapableSYNRX 6 0.0\nnonsense\n"
    )
    expected = {
        "Ip": {"InReceives": 5},
        "Tcp": {"ActiveOpens": 7},
        "TcpExt": {"ListenOverflows": 9},
        "Ip6": {"InReceives": 4},
        "Icmp6": {"InMsgs": 3},
        "Icmp": {"InMsgs": 2},
        "IcmpMsg": {"InType3": 1},
        "UdpLite6": {"InErrors": 8},
        "MPTcpExt": {"MPCapableSYNRX": 6},
    }
    assert parse_nstat(text) == expected
    name = "sos_commands/networking/nstat_-zas"
    assert read_report_nstat(report({name: text})) == expected
    assert isinstance(read_report_nstat(report({name: "IpInReceives 5 0.0\n"})), Unavailable)
    merged = read_report_nstat(report({**bundle("sos3"), name: text}))
    assert isinstance(merged, dict)
    assert merged["TcpExt"] == {"ListenOverflows": 3}, "the file counts"
    assert merged["Ip6"] == {"InReceives": 4}, "IPv6 is in a file that is missing"


def test_conntrack_counters_are_summed_under_the_kernels_names() -> None:
    text = str(bundle("sos4")["sos_commands/conntrack/conntrack_-S"])
    sums = parse_conntrack(text)
    assert (sums["drop"], sums["clashres"], sums["icmp_error"], sums["invalid"]) == (4, 12, 8, 12)
    assert "cpu" not in sums


def test_qdiscs_with_their_backlog() -> None:
    found = parse_qdiscs(str(bundle("sos4")["sos_commands/networking/tc_-s_qdisc_show"]))
    assert list(found) == ["lo root", "ens1f0 root", "ens1f0 :2", "bond0 ffff:fff1"]
    assert found["ens1f0 root"] == Qdisc("ens1f0", "mq", "0:", "root", 3000, 30, 3, 0, 2, 3, 4096)
    assert found["ens1f0 :2"].backlog_bytes == 3028
    assert parse_qdiscs("qdisc fq 8001: dev eth0 root refcnt 2 limit 5\n")["eth0 root"].bytes == 0
    assert parse_qdiscs("RTNETLINK answers: x\n") == {}


@given(st.text(max_size=200))
def test_no_text_is_too_odd(text: str) -> None:
    parse_qdiscs(f"qdisc fq 0: dev eth0 root\n{text}")
    parse_nstat(text)
    parse_dmidecode(text)
    parse_conntrack(f"cpu=0 {text}")
    read_report_services(report({"sos_commands/process/ps_auxwww": PS + text}), "none")
