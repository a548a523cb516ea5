"""Runs Jinja2's own tests on our engine: `scripts/conformance templates`.

The tests are those of Jinja2's source distribution, fetched by pip with its digest checked, kept in .conformance/ and never
changed. They run in a process of their own in which the shim stands in Jinja2's place.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.conformance.jinja_tests import DIGEST, LEFT_OUT, MISSES, VERSION

REPOSITORY = Path(__file__).parents[2]
FETCHED = REPOSITORY / ".conformance"
FETCH_SECONDS = 120


class NoSourceError(Exception):
    """Jinja2's source distribution cannot be had; says why."""


@dataclass
class Outcome:
    """What came of the tests that speak of public names only. Names are those of pytest, without the path of the file."""

    passed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    output: str = ""

    @property
    def unexpected(self) -> list[str]:
        """Those that failed and are no known miss."""
        return [name for name in self.failed if not _begins(name, _all(MISSES))]

    @property
    def mended(self) -> list[str]:
        """Known misses of which none fails any more."""
        return [miss for miss in _all(MISSES) if self.passed and not any(name.startswith(miss) for name in self.failed)]


def fetch(*, may_download: bool = True) -> Path:
    """The folder of Jinja2's tests; raises NoSourceError."""
    tests = FETCHED / f"jinja2-{VERSION}" / "tests"
    if tests.is_dir():
        return tests
    if not may_download:
        raise NoSourceError(f"Jinja2 {VERSION} is not in {FETCHED.name}/: run scripts/conformance templates once")
    FETCHED.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FETCHED) as folder:
        archive = _download(Path(folder))
        with tarfile.open(archive) as packed:
            # Python 3.11.2 does not know filters; the digest has told whose archive it is.
            packed.extraction_filter = getattr(tarfile, "data_filter", None)
            packed.extractall(FETCHED)  # noqa: S202  the same
    return tests


def _download(folder: Path) -> Path:
    wanted = folder / "requirements.txt"
    wanted.write_text(f"jinja2=={VERSION} --hash=sha256:{DIGEST}\n")
    options = ["--no-deps", "--no-binary", "jinja2", "--require-hashes", "--quiet", "--retries", "1", "--timeout", "15"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), "--requirement", str(wanted)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=FETCH_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise NoSourceError(f"pip took more than {FETCH_SECONDS} seconds to fetch Jinja2 {VERSION}") from error
    found = list(folder.glob("*.tar.gz"))
    if done.returncode or not found:
        raise NoSourceError(f"pip could not fetch Jinja2 {VERSION}: {done.stderr.strip()[-400:]}")
    return found[0]


def run(tests: Path) -> Outcome:
    """Run all but the tests that are left out, in a process in which the shim is Jinja2."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        shutil.copytree(tests, folder / "tests")
        (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
        left_out = [f"--deselect=tests/{name}" for name in _all(LEFT_OUT)]
        without = [f"-pno:{plugin}" for plugin in ("asyncio", "xdist", "cacheprovider", "hypothesispytest")]
        shim = "-ptests.conformance.jinja_shim.plugin"
        report = folder / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "--tb=short", shim, *without, *left_out, f"--junitxml={report}", "tests"]
        path = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=600)
        outcome = Outcome(output=done.stdout + done.stderr)
        if report.exists():
            _read(report, outcome)
    return outcome


def _read(report: Path, outcome: Outcome) -> None:
    """Sort the tests of a report; one that has two entries, for an error after it, has failed."""
    failed: dict[str, bool] = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314  written by pytest just now
        module, *classes = case.get("classname", "").removeprefix("tests.").split(".")
        name = "::".join([f"{module}.py", *classes, case.get("name", "")])
        failed[name] = failed.get(name, False) or any(child.tag in ("failure", "error") for child in case)
    outcome.passed += [name for name, is_failed in failed.items() if not is_failed]
    outcome.failed += [name for name, is_failed in failed.items() if is_failed]


def _all(listed: dict[str, tuple[str, ...]]) -> list[str]:
    return [name for names in listed.values() for name in names]


def _begins(name: str, beginnings: Iterable[str]) -> bool:
    return any(name.startswith(beginning) for beginning in beginnings)


def main() -> int:
    """Fetch, run, tell; 0 if nothing failed that is no known miss."""
    try:
        outcome = run(fetch())
    except NoSourceError as error:
        print(error, file=sys.stderr)  # noqa: T201  a command prints
        return 2
    print(outcome.output)  # noqa: T201  the same
    total = len(outcome.passed) + len(outcome.failed)
    print(f"{len(outcome.passed)} of {total} passed; {len(outcome.failed) - len(outcome.unexpected)} known misses")  # noqa: T201
    for name in outcome.unexpected:
        print(f"failed: {name}")  # noqa: T201
    for name in outcome.mended:
        print(f"a known miss that passes now; take it off the list: {name}")  # noqa: T201
    return 1 if outcome.unexpected or outcome.mended or not outcome.passed else 0


if __name__ == "__main__":
    sys.exit(main())
