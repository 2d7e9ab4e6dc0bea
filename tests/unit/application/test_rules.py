"""Every use case declares who may have it done, or that nobody outside ever asks for it."""

import importlib
import inspect
import pkgutil
from dataclasses import is_dataclass
from types import ModuleType

import pytest

from runyard import application
from runyard.application.accounts.guard import Always, Guarded
from runyard.application.accounts.rules import RULES
from runyard.domain.accounts.access import OPERATING_ACCOUNT

INTERNAL = {
    "AdoptRunnerCommand",
    "AppendOutputCommand",
    "AssignJobsCommand",
    "CheckInvariantsCommand",
    "LookAfterRunnersCommand",
    "ExecuteJobsCommand",
    "ExportStoreCommand",
    "FindCrowdsCommand",
    "FollowAttemptsCommand",
    "ForgetAuditCommand",
    "ForgetKeysCommand",
    "ForgetLeftoversCommand",
    "ForgetRunnerEventsCommand",
    "HearAgentCommand",
    "ImportStoreCommand",
    "MarkRestoredCommand",
    "OpenLoginCommand",
    "PurgeJobsCommand",
    "RegisterRunnerCommand",
    "RecordRefusalCommand",
    "ReleaseDriverCommand",
    "RenewDriverCommand",
    "RenewAttemptsCommand",
    "ReportOutcomesCommand",
    "ResolveSecretsCommand",
    "SweepJobsCommand",
    "SweepLeasesCommand",
}
"""What drivers, tickers and those with the store in their hands ask for."""

AT_THE_DOOR = {"AuthenticateAgentCommand", "AuthenticateCommand", "ExchangePassCommand", "LogInCommand"}
"""What finds out who somebody is."""


def modules() -> list[ModuleType]:
    found = pkgutil.walk_packages(application.__path__, f"{application.__name__}.")
    return [importlib.import_module(each.name) for each in found]


def commands() -> dict[str, type]:
    """What is asked of use cases: the values that their `execute` takes."""
    found = {}
    for module in modules():
        for _, made in inspect.getmembers(module, inspect.isclass):
            if made.__module__ == module.__name__ and hasattr(made, "execute") and not getattr(made, "_is_protocol", 0):
                asked = list(inspect.signature(made.execute).parameters.values())[1].annotation
                if isinstance(asked, type) and is_dataclass(asked):
                    found[asked.__name__] = asked
    return found


def test_every_use_case_has_a_rule_or_is_internal_and_none_is_both() -> None:
    ruled = {command.__name__ for command in RULES}

    assert len(commands()) > 40
    assert ruled | INTERNAL | AT_THE_DOOR == set(commands())
    assert not ruled & (INTERNAL | AT_THE_DOOR)


class Reached:
    def execute(self, _command: object, /) -> object:
        raise AssertionError("it was executed")


def test_a_command_without_a_rule_is_never_executed_not_even_for_an_admin(yard) -> None:
    guarded = Guarded(Reached(), Always(OPERATING_ACCOUNT), yard.store.read, yard.record_refusal)

    with pytest.raises(KeyError):
        guarded.execute(object())
