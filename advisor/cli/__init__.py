"""The command line."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line; ends the process with one of `advisor.errors.Exit`."""
    signal.signal(signal.SIGINT, _interrupted)
    # A short-lived process has no use for the cycle collector: it costs a sixth of the run time,
    # half of that at exit, where frozen objects are passed over.
    gc.disable()
    try:
        _run()
    finally:
        gc.freeze()


def _run() -> NoReturn:
    from advisor.errors import AdvisorError, Exit

    try:
        from advisor.cli.app import app

        app(prog_name="advisor")
    except AdvisorError as error:
        from advisor.cli.options import error_text

        print(f"advisor: {error_text(error)}", file=sys.stderr)
        sys.exit(error.exit_code)
    except Exception as error:
        if os.environ.get("ADVISOR_DEBUG"):
            raise SystemExit(_traceback()) from error
        print(
            f"advisor: internal error: {type(error).__name__}: {error}\n"
            "  hint: this is a bug; run again with ADVISOR_DEBUG=1 and report what it prints",
            file=sys.stderr,
        )
        sys.exit(Exit.ERROR)
    sys.exit(Exit.OK)


def _traceback() -> int:
    import traceback

    traceback.print_exc()
    return 2


def _interrupted(signum: int, frame: object) -> NoReturn:
    raise SystemExit(130)
