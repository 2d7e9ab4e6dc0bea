"""The doors of agents: who comes in, what is done there, and that nobody gets at what is not his."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest

from runyard.application.jobs.find_crowds import FindCrowds
from runyard.application.ports.rings import about_runner
from runyard.domain.jobs.log import LogRecord, Stream
from runyard.domain.runners.agent import AgentSide
from runyard.domain.runners.passes import GRACE
from runyard.domain.runners.runner import Runner, RunnerKind
from runyard.entrypoints.http import waiting_room
from runyard.entrypoints.http.app import create_app
from runyard.entrypoints.http.shutdown import Shutdown
from runyard.entrypoints.http.waiting_room import Heard, WaitingRoom
from runyard.entrypoints.records import MEDIA_TYPE, decoded, encoded
from tests.builders import NOON, a_runner
from tests.unit.application.yard import MemoryYard

from .house import JOBS, WITH_TOKEN, a_client, provided_by
from .test_matrix import FOR_AGENTS, RULES

AGENT = "/api/v1/agent"
HOST = {"boot_id": "b"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def code(answer) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


class Counting:
    """Authenticates as the inner one does, and counts how often it is asked."""

    def __init__(self, yard: MemoryYard) -> None:
        self.asked, self._inner = 0, yard.authenticate_agent

    def execute(self, command, /):
        self.asked += 1
        return self._inner.execute(command)


class Box:
    """A machine, as a runner with a session."""

    def __init__(self, client, name: str = "box", **asked: object) -> None:
        self.client, self.name = client, name
        made = client.post("/api/v1/agents", json={"name": name, **asked}, headers=WITH_TOKEN).json()
        self.id, self.ticket = made["runner"]["id"], made["registration"]["token"]
        self.token = client.post(f"{AGENT}/register", headers=bearer(self.ticket)).json()["token"]
        self.epoch = self.says("session", {"driver": name})["epoch"]

    def posts(self, what: str, body: object = None, **more: object):
        return self.client.post(f"{AGENT}/{what}", json=body, headers=bearer(self.token), **more)

    def says(self, what: str, body: object = None):
        answer = self.posts(what, body)
        assert answer.is_success, answer.text
        return answer.json()

    def sync(self, **asked: object):
        return self.says("sync", {"epoch": self.epoch, **asked})

    def takes(self):
        (taken,) = self.sync(take=1, host=HOST)["taken"]
        return taken

    def reports(self, taken, kind: str, **told: object):
        report = {**{name: taken[name] for name in ("job", "attempt", "fence")}, "kind": kind, **told}
        (answer,) = self.says("reports", {"reports": [report]})["items"]
        return answer

    def writes(self, taken, offset: int, data: bytes, kind: str = "text/plain"):
        name = f"{taken['job']}.{taken['attempt']}.{taken['fence']}"
        headers = {**bearer(self.token), "Content-Type": kind}
        return self.client.post(f"{AGENT}/attempts/{name}/log?offset={offset}", content=data, headers=headers)


@pytest.fixture
def box(stranger) -> Box:
    return Box(stranger)


def submitted(client, **asked: object) -> str:
    answer = client.post(JOBS, json={"command": ["echo", "hi there"], **asked}, headers=WITH_TOKEN)
    return str(answer.json()["id"])


def test_a_job_goes_from_submission_to_its_end_through_plain_requests(stranger, box) -> None:
    job = submitted(stranger, env={"A": "b"}, placement={"runner": "box"}, run_timeout=5)

    taken = box.takes()
    order = taken["order"]
    assert (taken["job"], taken["attempt"]) == (job, 1)
    assert (order["command"], order["env"], order["run_timeout"]) == (["echo", "hi there"], {"A": "b"}, 5)
    assert order["deadman"]["kill_after"] < 120
    assert box.reports(taken, "started", containment="group")["refused"] is None
    assert box.writes(taken, 0, b"hi ").json() == {"stored": 3}
    assert box.writes(taken, 0, b"hi there\n").json() == {"stored": 9}
    answer = box.reports(taken, "ended", exit_code=0, log_size=9, tree_empty=True)

    assert (answer["over"], answer["refused"]) == (True, None)
    shown = stranger.get(f"{JOBS}/{job}", headers=WITH_TOKEN).json()
    assert shown["state"] == "succeeded"
    assert stranger.get(f"{JOBS}/{job}/log", headers=WITH_TOKEN).content == b"hi there\n"


def test_output_behind_a_gap_is_refused_with_the_place_to_go_on(stranger, box) -> None:
    submitted(stranger, placement={"runner": "box"})
    taken = box.takes()
    box.writes(taken, 0, b"abc")

    refused = box.writes(taken, 4, b"e")

    assert (refused.status_code, refused.headers["Runyard-Stored"], code(refused)) == (416, "3", "log-gap")


def test_output_comes_in_records_with_streams_and_times(stranger, box) -> None:
    job = submitted(stranger, placement={"runner": "box"})
    taken = box.takes()
    records = [LogRecord(Stream.STDOUT, NOON, b"a"), LogRecord(Stream.STDERR, NOON, b"bc")]

    assert [*decoded(encoded(records))] == records
    assert box.writes(taken, 0, encoded(records), MEDIA_TYPE).json() == {"stored": 3}
    assert stranger.get(f"{JOBS}/{job}/log?stream=stderr", headers=WITH_TOKEN).content == b"bc"
    for broken in (encoded(records)[:-1], b"\0" * 20, b"\1" + b"\x7f" * 8 + b"\0" * 4):
        assert box.writes(taken, 3, broken, MEDIA_TYPE).status_code == 400
    assert box.writes(taken, 3, b"{}", "application/json").status_code == 415


def test_what_lives_here_is_told_with_what_is_wished_of_it(stranger, box) -> None:
    job = submitted(stranger, placement={"runner": "box"})
    taken = box.takes()
    box.writes(taken, 0, b"abc")
    stranger.post(f"{JOBS}/{job}/cancel", headers=WITH_TOKEN)

    (live,) = box.sync(known=[])["attempts"]
    assert (live["job"], live["fence"], live["stored"], live["cancel"], live["leased"]) == (job, 1, 3, True, True)
    known = {name: live[name] for name in ("job", "attempt", "fence")}
    assert box.sync(known=[known])["attempts"][0]["stored"] is None

    box.reports(taken, "voided", boot_id="b")
    assert box.sync(known=[])["attempts"] == []
    assert stranger.get(f"{JOBS}/{job}", headers=WITH_TOKEN).json()["state"] == "cancelled"


def test_leases_are_renewed_by_saying_what_is_alive(stranger, yard, box) -> None:
    submitted(stranger, placement={"runner": "box"})
    taken = box.takes()
    alive = [{name: taken[name] for name in ("job", "attempt", "fence")}]
    yard.clock.advance(30)

    assert box.sync(alive=alive)["renewed"] == [{"job": taken["job"], "attempt": 1}]


def test_no_more_is_handed_out_than_there_are_slots(stranger, box) -> None:
    for _ in range(3):
        submitted(stranger, placement={"runner": "box"})

    assert len(box.sync(take=5, host=HOST)["taken"]) == 1
    assert box.sync(take=5, host=HOST)["taken"] == []
    refused = box.posts("sync", {"epoch": box.epoch, "take": 1})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/host")


def test_a_script_becomes_the_process(stranger, box) -> None:
    asked = {"env": {"A": "it's"}, "cwd": "/tmp", "stdin": "x'y", "placement": {"runner": "box"}}
    job = submitted(stranger, **asked)

    answer = stranger.post(f"{AGENT}/take?epoch={box.epoch}", headers=bearer(box.token))

    assert answer.headers["Runyard-Attempt"] == f"{job}.1.1"
    assert answer.headers["content-type"].startswith("text/x-shellscript")
    assert answer.text.splitlines() == [
        "#!/bin/sh",
        """export A='it'"'"'s'""",
        f"export RUNYARD_JOB_ID={job}",
        "export RUNYARD_ATTEMPT=1",
        'case $0 in /*) set -- "$0" ;; *) set -- "$PWD/$0" ;; esac',
        """(umask 077; printf %s 'x'"'"'y' > "$1.stdin"); exec < "$1.stdin\"""",
        "cd /tmp || exit 1",
        "exec echo 'hi there'",
    ]
    assert stranger.post(f"{AGENT}/take?epoch={box.epoch}", headers=bearer(box.token)).status_code == 204


def test_a_runner_can_say_nothing_of_the_attempts_of_another(stranger, box) -> None:
    other = Box(stranger, "other")
    job = submitted(stranger, placement={"runner": "box"})
    taken = box.takes()

    assert other.reports(taken, "ended", exit_code=0, log_size=0)["refused"] == "stale-attempt"
    assert code(other.writes(taken, 0, b"lies")) == "stale-attempt"
    assert other.sync(alive=[{name: taken[name] for name in ("job", "attempt", "fence")}])["renewed"] == []
    assert other.sync(known=[])["attempts"] == []
    assert stranger.get(f"{JOBS}/{job}", headers=WITH_TOKEN).json()["state"] == "claimed"


def test_no_token_of_an_account_opens_the_doors_of_agents(stranger, box) -> None:
    for method, path in sorted(FOR_AGENTS):
        address = path.replace("{attempt}", "x")
        for headers in ({}, WITH_TOKEN, bearer("ryu_" + "a" * 66)):
            answer = stranger.request(method, address, headers=headers)
            assert (answer.status_code, code(answer)) == (401, "runner-token-refused"), path


def test_a_registration_token_registers_and_does_nothing_else(stranger) -> None:
    made = stranger.post("/api/v1/agents", json={"name": "box"}, headers=WITH_TOKEN).json()
    ticket = bearer(made["registration"]["token"])
    for method, path in sorted(FOR_AGENTS):
        wanted = 201 if path.endswith("/register") else 401
        assert stranger.request(method, path.replace("{attempt}", "x"), headers=ticket).status_code == wanted, path


def test_a_runners_token_is_nobodys_login(stranger, box) -> None:
    for method, path in sorted(RULES):
        address = path.replace("{job_id}", "x").replace("{runner}", "box")
        answer = stranger.request(method, address, headers=bearer(box.token))
        assert (answer.status_code, code(answer)) == (401, "unauthenticated"), (method, path)


def test_who_waits_again_and_again_is_asked_for_its_token_where_it_is_heard(yard) -> None:
    agents = provided_by(yard).agents
    assert agents is not None
    counting = Counting(yard)
    with a_client(yard, agents=replace(agents, authenticate=counting)) as client:
        box = Box(client)
        before = counting.asked
        for _ in range(5):
            box.sync()
        assert counting.asked == before + 1
        box.says("reports", {"reports": []})
        assert counting.asked == before + 2, "no other door remembers"

        newer = client.post(f"{AGENT}/rotate", headers=bearer(box.token)).json()["token"]
        assert client.post(f"{AGENT}/sync", json={"epoch": box.epoch}, headers=bearer(newer)).is_success
        yard.clock.advance(GRACE.total_seconds())
        refused = box.posts("sync", {"epoch": box.epoch})
        assert (refused.status_code, code(refused)) == (401, "runner-token-refused")
        shown = client.get("/api/v1/runners/box", headers=WITH_TOKEN).json()
        assert "copied" in shown["agent"]["alarm"]["why"]

        box.token = newer
        client.post("/api/v1/runners/box/revoke", headers=WITH_TOKEN)
        assert code(box.posts("sync", {"epoch": box.epoch})) == "runner-token-refused"
        client.delete("/api/v1/runners/box", headers=WITH_TOKEN)
        assert "not known here" in box.posts("sync", {"epoch": box.epoch}).json()["detail"]


@pytest.mark.parametrize("what", ["sync", "take"])
def test_a_machine_that_is_revoked_while_it_waits_is_refused_at_once_and_given_nothing(stranger, box, what) -> None:
    asked: dict[str, Any] = {"json": {"epoch": box.epoch, "wait": 30, "take": 1, "host": HOST}}
    if what == "take":
        asked = {"params": {"epoch": box.epoch, "wait": 30}}
    answers: list[Any] = []
    waiting = Thread(
        target=lambda: answers.append(stranger.post(f"{AGENT}/{what}", headers=bearer(box.token), **asked))
    )
    waiting.start()
    sleep(0.2)  # until it waits, which nothing tells

    stranger.post("/api/v1/runners/box/revoke", headers=WITH_TOKEN)
    job = submitted(stranger, placement={"runner": "box"})
    waiting.join(20)

    assert [(answer.status_code, code(answer)) for answer in answers] == [(401, "runner-token-refused")]
    assert stranger.get(f"{JOBS}/{job}", headers=WITH_TOKEN).json()["state"] == "queued"


def test_one_session_at_a_time(stranger, box) -> None:
    refused = box.posts("session", {"driver": "copy"})
    assert (refused.status_code, code(refused)) == (409, "runner-driven-elsewhere")

    assert box.posts("bye", {"epoch": box.epoch}).status_code == 204
    assert box.says("session", {"driver": "copy"})["epoch"] == box.epoch + 1
    assert code(box.posts("sync", {"epoch": box.epoch})) == "driver-lost"


@pytest.mark.parametrize(
    "spoken", [{}, {"oldest": 1, "newest": 1}, {"oldest": 1, "newest": 2}, {"oldest": 0, "newest": 1}]
)
def test_an_agent_that_is_one_version_older_or_newer_is_understood(box, spoken: dict[str, int]) -> None:
    assert box.says("session", {"driver": "box", "protocol": spoken})["protocol"] == 1


def test_versions_of_the_protocol_that_do_not_meet_are_both_named(box) -> None:
    refused = box.posts("session", {"driver": "box", "protocol": {"oldest": 7, "newest": 8}})

    assert (refused.status_code, code(refused)) == (409, "protocol-unknown")
    assert "7 to 8" in refused.json()["detail"]
    assert "update the server" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("what", "body", "pointer"),
    [
        ("sync", {"epoch": -1}, "/epoch"),
        ("sync", {"epoch": 1, "wait": 61}, "/wait"),
        ("sync", {"epoch": 1, "take": 101}, "/take"),
        ("sync", {"epoch": 1, "extra": 1}, "/extra"),
        ("sync", {"epoch": 1, "room": {"disk": 1 << 60}}, "/room/disk"),
        ("session", {"driver": ""}, "/driver"),
        ("session", {"driver": "d", "facts": {"system": "L", "cpus": 1 << 62}}, "/facts/cpus"),
        ("reports", {"reports": [{"job": "x", "attempt": 0, "fence": 1, "kind": "ended"}]}, "/reports/0/attempt"),
        ("reports", {"reports": [{"job": "x", "attempt": 1, "fence": 1, "kind": "lost"}]}, "/reports/0/kind"),
    ],
)
def test_what_an_agent_says_is_checked(box, what, body, pointer) -> None:
    refused = box.posts(what, body)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == pointer


def test_where_there_are_no_agents_there_are_no_doors_for_them() -> None:
    without = create_app(provided_by(MemoryYard(), agents=None))
    assert not [route.path for route in without.routes if route.path.startswith(f"{AGENT}/")]


@pytest.fixture
def only_by_rings(monkeypatch) -> None:
    """Nobody looks by himself, and whoever was told is on the way for longer than anybody waits."""
    monkeypatch.setattr(waiting_room, "_LOOK_SECONDS", 100.0)
    monkeypatch.setattr(waiting_room, "_ON_THE_WAY_SECONDS", 100.0)


async def becomes(true: Callable[[], object]) -> None:
    while not true():  # noqa: ASYNC110 - what comes true tells nobody
        await asyncio.sleep(0.01)


def woken(yard: MemoryYard, *slots: int, jobs: int) -> list[bool]:
    """Who of some agents with so many slots hears of work when so many jobs come while all of them wait."""
    shutdown = Shutdown()
    room = WaitingRoom(FindCrowds(yard.store.read), yard.rings, shutdown)

    async def one(number: int, free: int) -> bool:
        runner = a_runner(name=f"r{number}", kind=RunnerKind.AGENT, agent=AgentSide())
        return (await room.wait(runner, free, 60)).ready

    async def all_of_them() -> list[bool]:
        waiting = [asyncio.create_task(one(number, free)) for number, free in enumerate(slots)]
        await becomes(lambda: len(room._waiting) == len(slots))
        await asyncio.to_thread(lambda: [yard.submit() for _ in range(jobs)])
        await becomes(lambda: sum(each.done() for each in waiting) >= min(jobs, sum(map(bool, slots))))
        await asyncio.sleep(0.3)  # for one more to be woken, if too many were
        shutdown.begin()
        return [await each for each in waiting]

    return asyncio.run(asyncio.wait_for(all_of_them(), 60))


@pytest.mark.usefixtures("only_by_rings")
def test_one_of_all_who_wait_is_woken_per_job() -> None:
    assert sum(woken(MemoryYard(), *[1] * 20, jobs=2)) == 2


@pytest.mark.usefixtures("only_by_rings")
def test_however_many_jobs_come_at_once_each_wakes_its_agent() -> None:
    assert all(woken(MemoryYard(), *[1] * 80, jobs=80))


@pytest.mark.usefixtures("only_by_rings")
def test_whoever_has_no_free_slot_is_let_wait() -> None:
    assert woken(MemoryYard(), 0, 1, jobs=1) == [False, True]


def a_room(yard: MemoryYard) -> WaitingRoom:
    return WaitingRoom(FindCrowds(yard.store.read), yard.rings, Shutdown())


def an_agent(name: str) -> Runner:
    return a_runner(name=name, kind=RunnerKind.AGENT, agent=AgentSide())


def test_one_who_was_told_and_did_not_come_costs_a_second() -> None:
    yard = MemoryYard()
    room, first, second = a_room(yard), an_agent("a"), an_agent("b")

    async def one_after_the_other() -> float:
        yard.submit()
        begun = monotonic()
        assert (await room.wait(first, 1, 60)).ready
        assert (await room.wait(second, 1, 60)).ready
        return monotonic() - begun

    assert waiting_room._ON_THE_WAY_SECONDS == waiting_room._LOOK_SECONDS == 1.0
    assert 1.0 <= asyncio.run(one_after_the_other()) < 30


def test_news_about_a_runner_end_its_wait() -> None:
    yard = MemoryYard()
    room = WaitingRoom(FindCrowds(yard.store.read), yard.rings, Shutdown())
    runner = a_runner(kind=RunnerKind.AGENT, agent=AgentSide())

    async def waiting() -> Heard:
        task = asyncio.create_task(room.wait(runner, 1, 60))
        await becomes(lambda: yard.rings._listeners.get(about_runner(runner.id)))
        yard.rings.ring({about_runner(runner.id)})
        return await task

    assert asyncio.run(waiting()) == Heard(asked=True)


def test_news_that_come_between_a_look_and_the_wait_end_it() -> None:
    yard = MemoryYard()
    room = WaitingRoom(FindCrowds(yard.store.read), yard.rings, Shutdown())
    runner = a_runner(kind=RunnerKind.AGENT, agent=AgentSide())

    async def looking_and_waiting() -> list[Heard]:
        with room.news(runner.id) as news:
            yard.rings.ring({about_runner(runner.id)})
            first = await room.wait(runner, 1, 5, news=news)
        with room.news(runner.id) as news:
            return [first, await room.wait(runner, 1, 0.05, news=news)]

    assert asyncio.run(looking_and_waiting()) == [Heard(asked=True), Heard()]


def test_whoever_hung_up_is_given_nothing() -> None:
    yard = MemoryYard()
    room = WaitingRoom(FindCrowds(yard.store.read), yard.rings, Shutdown())
    runner = a_runner(kind=RunnerKind.AGENT, agent=AgentSide())

    assert asyncio.run(room.wait(runner, 0, 60, asyncio.sleep(0.05))).gone


@pytest.mark.usefixtures("only_by_rings")
def test_whoever_came_and_waits_again_is_told_of_the_next_job_at_once() -> None:
    yard = MemoryYard()
    room, runner = a_room(yard), an_agent("a")

    async def twice() -> list[Heard]:
        heard = []
        for _ in range(2):
            yard.submit()
            heard.append(await room.wait(runner, 4, 60))
        return heard

    assert all(each.ready for each in asyncio.run(twice()))


@pytest.mark.usefixtures("only_by_rings")
def test_who_has_asked_for_work_keeps_no_other_from_the_next_job() -> None:
    yard = MemoryYard()
    room, first, second = a_room(yard), an_agent("a"), an_agent("b")

    async def one_after_the_other() -> list[Heard]:
        yard.submit()
        heard = [await room.wait(first, 1, 60)]
        room.came(first.id)
        return [*heard, await room.wait(second, 1, 60)]

    assert all(each.ready for each in asyncio.run(one_after_the_other()))


@pytest.mark.usefixtures("only_by_rings")
def test_what_was_left_to_one_who_was_on_the_way_is_told_to_others_once_it_came() -> None:
    yard = MemoryYard()
    room, first, second = a_room(yard), an_agent("a"), an_agent("b")

    async def one_after_the_other() -> Heard:
        yard.submit()
        assert (await room.wait(first, 4, 60)).ready
        waiting = asyncio.create_task(room.wait(second, 1, 60))
        yard.submit()
        await asyncio.sleep(0.2)  # nothing tells that it was looked, and that nobody was told
        assert not waiting.done()
        room.came(first.id)
        return await waiting

    assert asyncio.run(one_after_the_other()).ready


def test_an_agent_that_is_cordoned_is_not_woken(stranger, box) -> None:
    stranger.post("/api/v1/runners/box/cordon", headers=WITH_TOKEN)
    submitted(stranger, placement={"runner": "box"})

    assert not box.sync(wait=0.3)["ready"]
    stranger.post("/api/v1/runners/box/uncordon", headers=WITH_TOKEN)
    assert box.sync(wait=50)["ready"]
