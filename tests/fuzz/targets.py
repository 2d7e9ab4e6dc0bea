"""What is attacked: the application in this process over any store, and a real server."""

from collections.abc import Mapping
from itertools import count
from pathlib import Path

import httpx2

from runyard.application.runners.add_agent import AddAgentCommand
from runyard.application.runners.authenticate_agent import AuthenticateAgentCommand
from runyard.application.runners.exchange_pass import ExchangePassCommand
from runyard.domain.runners.passes import PassKind
from runyard.entrypoints.client.client import Client
from runyard.entrypoints.http.app import create_app
from runyard.entrypoints.http.hosts import Hosts
from runyard.entrypoints.http.terms import Terms
from tests.contracts.stores import Store
from tests.unit.application.yard import Yard
from tests.unit.entrypoints.http.everything import Everything
from tests.unit.entrypoints.http.house import WITH_TOKEN, provided_by
from tests.unit.entrypoints.http.tenants import MINE, ROLES

from .campaign import Target, loaded_at, loaded_from
from .findings import INSTANCE, RUNNER, STRANGER

SPEAK_TO_HOSTS = frozenset({"addRunner", "checkRunner", "showHostKey"})
WHOSE_DOORS_ARE_SHUT = {INSTANCE: {"include-tag": "agents"}, RUNNER: {"exclude-tag": "agents"}}
WHAT_A_SERVER_TRIES = {INSTANCE: {"exclude-operation-id": sorted(SPEAK_TO_HOSTS)}}
"""Boundaries are walked once and behind the door: on the server, where a database has an opinion, if that can be."""


def in_process(store: Store) -> Target:
    """Two projects with everything, over this store; hosts are those of memory: every operation can be tried."""
    tenants = Everything(store)
    yard = tenants.yard
    hosts = Terms(hosts=Hosts.of("127.0.0.1", ["testserver"]))
    numbers = count()
    app = create_app(provided_by(yard, terms=hosts))

    def headers(role: str) -> Mapping[str, str]:
        if role == STRANGER:
            return {}
        if role == INSTANCE:
            return WITH_TOKEN  # the one account that nobody can disable
        if role == RUNNER:
            return bearer(registered(yard, f"runner-{next(numbers)}"))
        newcomer = tenants.somebody(f"{role}-{next(numbers)}", role, MINE)
        return newcomer.headers

    return Target(load=loaded_from(app), headers=headers, unwalked=WHAT_A_SERVER_TRIES)


def registered(yard: Yard, name: str) -> str:
    """The token of a runner whose machine has just come."""
    invited = yard.add_agent.execute(AddAgentCommand(name=name))
    shown = AuthenticateAgentCommand(presented=invited.text.revealed, kind=PassKind.JOIN)
    joining = yard.authenticate_agent.execute(shown)
    return yard.register_agent.execute(ExchangePassCommand(by=joining)).text.revealed


def bearer(token: str) -> dict[str, str]:
    """What whoever has this token comes with."""
    return {"Authorization": f"Bearer {token}"}


def served(url: str, admin: Client, token_file: str) -> Target:
    """A real server that has no worker: nothing that is submitted there is run."""
    numbers = count()

    def headers(role: str) -> Mapping[str, str]:
        if role == STRANGER:
            return {}
        if role == INSTANCE:
            return bearer(Path(token_file).read_text().strip())
        if role == RUNNER:
            _, registration = admin.runners.add_agent(f"runner-{next(numbers)}")
            answer = httpx2.post(f"{url}/api/v1/agent/register", headers=bearer(registration.token))
            return bearer(str(answer.raise_for_status().json()["token"]))
        name = f"{role}-{next(numbers)}"
        admin.accounts.create(name)
        if role != ROLES[0]:
            admin.projects.set_role("default", name, role)
        return bearer(str(admin.tokens.create(account=name).text))

    return Target(load=loaded_at(url), headers=headers, leave_out=SPEAK_TO_HOSTS, unwalked=WHOSE_DOORS_ARE_SHUT)
