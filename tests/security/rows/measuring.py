"""How much work something makes, by the CPU time of two sizes: a machine that is busy with other things changes little."""

import time
from collections.abc import Callable

SHORTEST = 0.002  # seconds; what takes less says nothing
TIMES = 8
MOST = 24  # times the work: linear work makes eight, quadratic work sixty-four
ATTEMPTS = 3  # processors are shared, and change their speed


def seconds(work: Callable[[], object]) -> float:
    """The CPU time of a call."""
    began = time.process_time()
    work()
    return time.process_time() - began


def assert_linear(work: Callable[[int], object], size: int) -> None:
    """So many times the size makes hardly more than so many times the work."""
    told = ""
    for _ in range(ATTEMPTS):
        small, large = seconds(lambda: work(size)), seconds(lambda: work(TIMES * size))
        if large <= MOST * max(small, SHORTEST):
            return
        told = f"{small * 1000:.1f} ms for {size:,}, {large * 1000:.1f} ms for {TIMES * size:,}"
    raise AssertionError(told)
