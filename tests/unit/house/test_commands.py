"""The commands of the house explain themselves, and CI runs the same ones."""

import re
import subprocess

import yaml

from ...suites import SUITES
from .tree import ROOT, files, text

TARGETS = {"help", "demo", "up", "check", "test", "prove", "simulate", "chaos", "bench", "fmt", "lock", "clean"}
BUDGETS = {
    "check": 3,
    "unit": 4,
    "contracts and integration": 8,
    "machine": 4,
    "proofs": 4,
    "chaos": 3,
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


def test_compose_runs_the_server_on_loopback_with_its_data_in_a_volume() -> None:
    compose = yaml.safe_load(read("compose.yaml"))
    service = compose["services"]["runyard"]

    mounted = dict(volume.split(":") for volume in service["volumes"])
    options = dict(zip(service["command"][2::2], service["command"][3::2], strict=True))

    assert service["command"][:2] == ["runyard", "up"]
    assert mounted == dict.fromkeys(compose["volumes"], options["--data-dir"])
    assert service["network_mode"] == "host"
    assert "ports" not in service
    assert "--host" not in options
    assert (ROOT / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
