"""Ask requests that a fuzzer makes up by watching which code they reach: `scripts/fuzz --guided --seconds 600`.

The fuzzer is atheris, of the extra `fuzz`; it decides where a seed decides otherwise, so that it reaches what luck does not.
What it finds is written as the request, beside the fuzzer's own file.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


class ComplaintError(Exception):
    """Something was wrong with an answer."""


def main() -> None:
    """Hand the process over to the fuzzer, which never returns."""
    options, rest = _options()
    atheris: Any = import_module("atheris")
    # Only what reads what clients send: counting every line of everything would cost more than it finds.
    with atheris.instrument_imports(include=["martlet.http", "martlet.messages", "martlet.rendering", "martlet.middleware"]):
        import_module("martlet")
    asking_of = import_module("tests.fuzz.asking").Asking
    asked = import_module("tests.fuzz.asked").asked
    choices_of = import_module("tests.fuzz.choices").DecidedChoices
    stack = contextlib.ExitStack()
    asking = stack.enter_context(asking_of())

    def ask(data: bytes) -> None:
        provider = atheris.FuzzedDataProvider(data)
        one = asked(choices_of(lambda bound: provider.ConsumeIntInRange(0, bound - 1)))
        wrong = asking.complaints(one)
        if wrong:
            raise ComplaintError(f"{asking.smallest(one)}\n{wrong[0]}")

    arguments = [sys.argv[0], f"-max_total_time={options.seconds}", "-max_len=600", "-timeout=60", "-rss_limit_mb=1024", *rest]
    if options.corpus:
        options.corpus.mkdir(parents=True, exist_ok=True)
        arguments.append(str(options.corpus))
    atheris.Setup(arguments, ask)
    atheris.Fuzz()


def _options() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(prog="scripts/fuzz --guided", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="how long to look")
    parser.add_argument("--corpus", type=Path, help="a folder of decisions that reached something, kept between runs")
    return parser.parse_known_args()


if __name__ == "__main__":
    main()
