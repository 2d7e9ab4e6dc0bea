"""Run every suite in a process of its own, and say what happened: `python -m tests.suites [SUITE ...]`.

Ends with 1 when a suite fails or selects no test at all, and under `CI=true` also when one exceeds its budget.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent
NO_TESTS_COLLECTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Tests that run together, and the minutes CI gives them.

    `side_by_side` is how many run at a time: most of what they do is wait. The tests of a file stay together, as they
    share servers.
    """

    name: str
    minutes: int
    folders: tuple[str, ...] = ("tests",)
    without: tuple[str, ...] = ()
    markers: str
    side_by_side: int = 1

    @property
    def exists(self) -> bool:
        return all((ROOT / folder).is_dir() for folder in self.folders)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one suite did."""

    suite: Suite
    status: int
    seconds: float
    total: int = 0
    failed: int = 0
    skips: tuple[str, ...] = ()

    @property
    def over_budget(self) -> bool:
        return self.seconds > self.suite.minutes * 60

    @property
    def verdict(self) -> str:
        if self.status == NO_TESTS_COLLECTED:
            return "NO TESTS"
        if self.status != 0:
            return "FAILED"
        return "OVER BUDGET" if self.over_budget else "ok"

    @property
    def line(self) -> str:
        passed = self.total - self.failed - len(self.skips)
        counts = f"{passed:>5} passed {self.failed:>4} failed {len(self.skips):>4} skipped"
        return f"{self.suite.name:<26}{counts}{self.seconds:>8.1f} s of {self.suite.minutes} min   {self.verdict}"


AGENTS = ("tests/integration/agents",)
QUICK = "not machine and not proof and not chaos and not packaging"

SUITES = (
    Suite(name="unit", minutes=4, folders=("tests/unit",), markers=QUICK, side_by_side=2),
    Suite(
        name="contracts and integration",
        minutes=8,
        folders=("tests/integration",),
        without=AGENTS,
        markers=QUICK,
        side_by_side=3,
    ),
    Suite(
        name="machine and simulator",
        minutes=6,
        markers="(machine or proof or packaging) and not chaos",
        side_by_side=3,
    ),
    Suite(name="chaos", minutes=3, markers="chaos"),
    Suite(name="fuzz", minutes=3, folders=("tests/fuzz",), markers=QUICK, side_by_side=2),
    Suite(
        name="ssh and agent",
        minutes=5,
        folders=("tests/ssh", *AGENTS),
        markers=QUICK,
        side_by_side=3,
    ),
)


def run(suite: Suite) -> Result:
    print(f"\n=== {suite.name} ===", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        argv = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", "-m", suite.markers]
        argv += [*suite.folders, *(f"--ignore={folder}" for folder in suite.without)]
        if suite.side_by_side > 1:
            argv += ["-n", str(suite.side_by_side), "--dist", "loadfile"]
        started = time.monotonic()
        status = subprocess.run(argv, cwd=ROOT, check=False).returncode
        seconds = time.monotonic() - started
        result = read(report, suite, status, seconds)
    print(result.line, flush=True)
    return result


def read(report: Path, suite: Suite, status: int, seconds: float) -> Result:
    """The counts of pytest's own report; a suite that died before writing one has failed."""
    if not report.exists():
        return Result(suite=suite, status=status or 1, seconds=seconds)
    cases = ET.parse(report).getroot().findall(".//testcase")  # noqa: S314 - written by pytest a moment ago
    return Result(
        suite=suite,
        status=status,
        seconds=seconds,
        total=len(cases),
        failed=sum(case.find("failure") is not None or case.find("error") is not None for case in cases),
        skips=tuple(skip for case in cases if (skip := skip_of(case))),
    )


def skip_of(case: ET.Element) -> str | None:
    skipped = case.find("skipped")
    if skipped is None or skipped.get("type") == "pytest.xfail":
        return None
    return f"{case.get('classname')}::{case.get('name')}: {skipped.get('message')}"


def summary(results: Sequence[Result]) -> str:
    skips = [skip for result in results for skip in result.skips]
    lines = ["", "=== summary ===", *(result.line for result in results)]
    if skips:
        lines += [
            "",
            f"!!! {len(skips)} SKIPPED, so these promises were not tested here:",
            *(f"  - {s}" for s in skips),
        ]
    return "\n".join(lines)


def failed(results: Sequence[Result], *, budgets_bind: bool) -> bool:
    return any(result.status != 0 or (budgets_bind and result.over_budget) for result in results)


def main(names: Sequence[str]) -> int:
    unknown = set(names) - {suite.name for suite in SUITES}
    if unknown:
        print(f"No such suite: {', '.join(sorted(unknown))}. There are: {', '.join(s.name for s in SUITES)}.")
        return 2
    chosen = [suite for suite in SUITES if suite.exists and (not names or suite.name in names)]
    results = [run(suite) for suite in chosen]
    print(summary(results))
    return int(failed(results, budgets_bind=os.environ.get("CI") == "true"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
