"""Every variable that is read, or given to a job, is told; and none that is not."""

import re
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

from runyard.entrypoints.agent.settings import ENVIRONMENT, AgentSettings
from runyard.entrypoints.settings import ProductionSettings
from tests.unit.house.tree import files, text

VARIABLE = re.compile(r"RUNYARD_[A-Z0-9]+(?:_[A-Z0-9]+)*\b(?!_)")
FOR_TESTS_ALONE = {"RUNYARD_FAILPOINTS"}
OF_AGENTS = {f"{ENVIRONMENT}{each.name.upper()}" for each in fields(AgentSettings)}
OF_SERVERS = {f"RUNYARD_{name.upper()}" for name in ProductionSettings.model_fields}


def named(paths: Iterable[Path]) -> set[str]:
    return {name for path in paths for name in VARIABLE.findall(text(path))}


def test_every_variable_is_documented_and_no_other() -> None:
    read = named(path for path in files("src") if path.suffix == ".py") | OF_SERVERS
    told = named([*files("README.md"), *files("docs"), *files("deploy")])

    assert sorted(read - told) == sorted(FOR_TESTS_ALONE)
    assert sorted(told - read - OF_AGENTS) == []
