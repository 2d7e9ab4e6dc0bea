"""What is shipped to deploy with is what the programs understand. It is read here, not run."""

import configparser
import re
import shlex
from typing import Any

import pytest
import yaml

from runyard.entrypoints.cli.program import app
from runyard.entrypoints.settings import ProductionSettings

from .tree import ROOT, files, text

UNITS = [path for path in files("deploy") if path.suffix == ".service"]
OF_CLIENTS = {"RUNYARD_URL", "RUNYARD_TOKEN_FILE", "RUNYARD_CA_FILE"}
KNOWN = {f"RUNYARD_{name.upper()}" for name in ProductionSettings.model_fields} | OF_CLIENTS


def compose(name: str) -> dict[str, Any]:
    (path,) = files(name)
    loaded: dict[str, Any] = yaml.safe_load(text(path))
    return loaded


def unit(name: str) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(strict=True, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text(next(path for path in UNITS if path.name == name)))
    return {section: dict(parser[section]) for section in parser.sections()}


def assert_understood(command: list[str]) -> None:
    program, *arguments = command
    assert program.rpartition("/")[2] == "runyard"
    app.parse_args(arguments, exit_on_error=False, print_error=False)


def test_one_container_serves_on_loopback_with_its_data_in_a_volume() -> None:
    single = compose("deploy/compose.single.yaml")
    service = single["services"]["runyard"]
    mounted = dict(volume.split(":") for volume in service["volumes"])
    options = dict(zip(service["command"][2::2], service["command"][3::2], strict=True))

    assert_understood(service["command"])
    assert mounted == dict.fromkeys(single["volumes"], options["--data-dir"])
    assert service["network_mode"] == "host"
    assert "ports" not in service
    assert (ROOT / "deploy" / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_the_containers_of_an_installation_wait_for_the_migration_and_share_their_settings() -> None:
    production = compose("compose.yaml")
    services = production["services"]
    ours = {name: each for name, each in services.items() if "build" in each}

    assert set(services) == {"postgres", "valkey", "migrate", "serve", "worker"}
    assert {name: each["command"][1] for name, each in ours.items()} == {name: name for name in ours}
    for name, each in ours.items():
        assert_understood(each["command"])
        assert set(each["environment"]) <= KNOWN
        assert each["environment"] == ours["serve"]["environment"]
        waits_for = {what: how["condition"] for what, how in each["depends_on"].items()}
        migrated = {"migrate": "service_completed_successfully"}
        assert waits_for == ({"postgres": "service_healthy"} if name == "migrate" else migrated)
    assert services["serve"]["ports"] == ["127.0.0.1:7433:7433"]
    used = {volume.split(":")[0] for each in services.values() for volume in each.get("volumes", [])}
    assert used == set(production["volumes"])


def test_no_password_is_written_down() -> None:
    assert re.findall(r"PASSWORD: (?!\$\{POSTGRES_PASSWORD:\?)\S+", text(files("compose.yaml")[0])) == []


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_says_commands_that_exist(path: Any) -> None:
    service = unit(path.name)["Service"]

    for name in ("ExecStartPre", "ExecStart"):
        if name in service:
            assert_understood(shlex.split(service[name]))
    agents = path.name == "runyard-agent.service"  # on a machine of its own, where nothing of the server is
    assert service.get("EnvironmentFile") == (None if agents else "/etc/runyard/runyard.env")
    assert service["Restart"] == ("on-failure" if agents else "always")  # an agent may have been told to leave


@pytest.mark.parametrize("name", ["runyard-worker.service", "runyard-agent.service"])
def test_the_jobs_of_a_worker_and_of_an_agent_survive_its_unit(name: str) -> None:
    service = unit(name)["Service"]

    assert (service["KillMode"], service["Delegate"]) == ("process", "yes")


def test_every_variable_of_the_template_is_known_and_what_it_shows_holds() -> None:
    (path,) = files("deploy/runyard.env.example")
    lines = [line.removeprefix("# ") for line in text(path).splitlines() if "RUNYARD_" in line]
    said = dict(line.split("=", 1) for line in lines)
    shown = {line.removeprefix("# ").split("=")[0] for line in text(path).splitlines() if line.startswith("# RUNYARD_")}
    fields = {f"RUNYARD_{name.upper()}": field for name, field in ProductionSettings.model_fields.items()}

    assert set(said) <= KNOWN
    for name in shown - {"RUNYARD_RUNNER_NAME", "RUNYARD_SLOTS"}:
        default = fields[name].default
        assert ("" if default in {None, ()} else str(default)) in {said[name], f"{said[name]}.0"}


def test_what_is_only_read_says_so() -> None:
    for path in [*files("compose.yaml"), *files("deploy")]:
        assert "The tests read this file" in text(path), path
