"""Runs scenarios, each in a machine of its own, one after the other.

    python -m tests.vm.run [SCENARIO ...]

Exit code 1 when something is not as it should be, 3 when there is no machine to be had here.
"""

from __future__ import annotations

import subprocess
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path

from tests.vm.machine import Broken, Machine, cache_directory
from tests.vm.steps import Checks

HERE = Path(__file__).parent
CANNOT = 3


def main() -> int:
    scenarios = sorted(path.stem for path in (HERE / "scenarios").glob("*.py"))
    wanted = sys.argv[1:] or scenarios
    if not set(wanted) <= set(scenarios):
        print(f"vm: the scenarios are {', '.join(scenarios)}", file=sys.stderr)
        return 2
    cache = cache_directory()
    built = subprocess.run([HERE / "image.sh", cache], check=False).returncode
    if built:
        return built
    failed = [name for name in wanted if not _passes(name, cache)]
    print(f"failed: {', '.join(failed)}" if failed else f"{len(wanted)} scenarios passed")
    return int(bool(failed))


def _passes(name: str, cache: Path) -> bool:
    module = import_module(f"tests.vm.scenarios.{name}")
    print(f"{name}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
    check, start = Checks(), time.monotonic()
    try:
        with Machine(cache) as vm:
            print(f"  booted in {time.monotonic() - start:.0f} s", flush=True)
            module.run(vm, check)
    except Broken as problem:
        check(False, "the scenario can go on", problem)
    except Exception:  # the other scenarios are to be run all the same
        check(False, "the scenario can go on", traceback.format_exc())
    print(f"  {check.made} checks, {check.failed} failed, {time.monotonic() - start:.0f} s\n")
    return not check.failed


if __name__ == "__main__":
    sys.exit(main())
