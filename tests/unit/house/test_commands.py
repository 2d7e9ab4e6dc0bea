"""The commands of the house explain themselves, and CI runs the same ones."""

import re
import subprocess

from ...suites import SUITES
from .tree import ROOT, files, text

TARGETS = {"help", "demo", "up", "check", "test", "prove", "simulate", "chaos", "fuzz", "bench", "fmt", "lock", "clean"}
BUDGETS = {
    "check": 1,
    "unit": 4,
    "contracts and integration": 8,
    "machine and simulator": 6,
    "chaos": 3,
    "fuzz": 3,
    "ssh and agent": 5,
}


def read(name: str) -> str:
    (path,) = files(name)
    return text(path)


def test_the_help_explains_every_target() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    explained = dict(re.findall(r"^  make (\w+) +(\S.*)$", shown, re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))

    assert targets == set(explained) == TARGETS


def test_ci_runs_what_a_developer_runs() -> None:
    script = read(".ci/run")

    assert "make check" in script
    assert "make test" in script


def test_suites_and_checks_keep_the_budget() -> None:
    minutes = {suite.name: suite.minutes for suite in SUITES}
    (check,) = re.findall(r"^CHECK_MINUTES=(\d+)$", read(".ci/run"), re.MULTILINE)

    assert minutes | {"check": int(check)} == BUDGETS
