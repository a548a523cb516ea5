"""uvicorn's own command, with status 0 at its end: in one process it raises the signal again when all is done."""

from __future__ import annotations

import signal
import sys
from types import FrameType


def main() -> None:
    """Be uvicorn's command, with the arguments of this process."""
    signal.signal(signal.SIGTERM, _end)
    from uvicorn.main import main as uvicorn

    uvicorn(prog_name="uvicorn")


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
