"""Sets `net.*` keys from made-up sysctl.d directories, as the tools do at boot, and predicts them.

Runs in network and mount namespaces of its own, where it hides every sysctl.d directory behind an
empty one. Argument: "systemd" or "procps". Prints, as JSON, a list of rounds: the files, the values
that the tool has set, and those that the facts say.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

from advisor.facts.config.boot_sysctl import read_boot_sysctl
from advisor.facts.files import Files
from advisor.facts.sysctl import read_sysctl
from advisor.model.unavailable import Unavailable

ROUNDS = 40
TOOLS = {"systemd": ["/usr/lib/systemd/systemd-sysctl"], "procps": ["sysctl", "--system"]}
DIRECTORIES = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d")
NAMES = ("10-a.conf", "50-b.conf", "90-c.conf", "99-sysctl.conf", "z.txt")
KEYS = (
    "net.core.somaxconn",
    "net.ipv4.tcp_fin_timeout",
    "net/ipv4/tcp_keepalive_intvl",
    "net.ipv4.conf.lo.rp_filter",
    "net.ipv4.conf.default.rp_filter",
    "net/ipv4/conf/all/rp_filter",
    "net.ipv4.conf.*.rp_filter",
    "net.ipv4.conf.l?.rp_filter",
    "net.ipv4.tcp_no_such_key",
)
WATCHED = (
    "net.core.somaxconn",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.conf.lo.rp_filter",
    "net.ipv4.conf.default.rp_filter",
    "net.ipv4.conf.all.rp_filter",
)


def main(tool: str) -> None:
    for directory in DIRECTORIES:
        Path(directory).mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "none", directory], check=True)
    if Path("/etc/sysctl.conf").exists():
        stand_in = Path("/run/sysctl.d/stands-for-etc-sysctl-conf")
        stand_in.touch()
        subprocess.run(["mount", "--bind", str(stand_in), "/etc/sysctl.conf"], check=True)
    choose = random.Random(7)
    json.dump([play(tool, choose) for _ in range(ROUNDS)], sys.stdout)


def play(tool: str, choose: random.Random) -> dict[str, object]:
    """One round: new files, the tool, what came of it."""
    files = {}
    for directory in DIRECTORIES:
        for old in Path(directory).glob("[0-9z]*"):
            old.unlink()
        for name in choose.sample(NAMES, choose.randint(0, 3)):
            path = Path(directory, name)
            if choose.random() < 0.1:
                path.symlink_to("/dev/null")
                files[str(path)] = "→ /dev/null"
            else:
                path.write_text(text(choose))
                files[str(path)] = path.read_text()
    last = Path("/etc/sysctl.conf")
    if last.exists():
        last.write_text(text(choose) if choose.random() < 0.5 else "")
        files[str(last)] = last.read_text()
    for key in WATCHED:
        Path("/proc/sys", *key.split(".")).write_text("2\n" if "rp_filter" in key else "77\n")
    running = read_sysctl(Files())
    assert not isinstance(running, Unavailable)
    before = values()
    predicted = dict(before)
    for name, key in read_boot_sysctl(Files(), running, tool=tool).keys.items():
        if name in predicted:
            predicted[name] = key.value
    subprocess.run(TOOLS[tool], capture_output=True, check=False)
    return {"files": files, "set": values(), "predicted": predicted}


def text(choose: random.Random) -> str:
    """The content of a file: assignments, comments, exclusions, and lines that do nothing."""
    lines = []
    for _ in range(choose.randint(0, 5)):
        key = choose.choice(KEYS)
        value = choose.choice("012") if "rp_filter" in key else str(choose.randint(5, 99))
        form = choose.choice(("{} = {}", "{}={}", "  {}  =  {}  ", "-{} = {}", "# {} = {}", "-{}"))
        lines.append(form.format(key, value))
    return "\n".join(lines) + "\n"


def values() -> dict[str, str]:
    """The watched keys as they are."""
    return {key: Path("/proc/sys", *key.split(".")).read_text().strip() for key in WATCHED}


if __name__ == "__main__":
    main(sys.argv[1])
