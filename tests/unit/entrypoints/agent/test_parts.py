"""What an agent knows, keeps and asks, part by part."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from runyard.application.ports.work import StoreUnavailable
from runyard.application.runners.adopt_runner import AdoptRunnerCommand
from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.domain.runners.agent import MachineFacts, Room
from runyard.domain.runners.errors import DriverLost
from runyard.domain.runners.ids import DriverId, RunnerId
from runyard.domain.runners.passes import PassRefused
from runyard.entrypoints.agent.door import Refused, ServerDoor
from runyard.entrypoints.agent.home import AgentRunsAlready, Home, NotRegistered
from runyard.entrypoints.agent.look import Preflight
from runyard.entrypoints.agent.remote import Remote
from runyard.entrypoints.agent.session import Session
from runyard.entrypoints.agent.settings import AgentSettings, WrongAgentSettings, written


def refs(*numbers: int) -> list[AttemptRef]:
    return [AttemptRef(JobId(f"job-{number}"), 1) for number in numbers]


def test_the_environment_counts_more_than_the_file(tmp_path: Path) -> None:
    written(tmp_path, url="http://one")
    written(tmp_path, url="http://two", ca_file='a "quoted" \\ file')

    read = AgentSettings.read(tmp_path, {"RUNYARD_AGENT_EPHEMERAL": "yes", "RUNYARD_AGENT_IDLE_TIMEOUT": "1.5"})

    assert (read.url, read.ca_file, read.ephemeral, read.idle_timeout) == (
        "http://two",
        'a "quoted" \\ file',
        True,
        1.5,
    )
    assert AgentSettings.read(tmp_path, {"RUNYARD_AGENT_URL": "http://three"}).url == "http://three"


@pytest.mark.parametrize(
    "line", ["slots = 3", "ephemeral = 2", 'min_free_bytes = "much"', "idle_timeout = -1", "url = 5", "url ="]
)
def test_a_setting_that_cannot_be_meant_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "agent.toml").write_text(line)

    with pytest.raises(WrongAgentSettings) as refused:
        AgentSettings.read(tmp_path, {})
    assert line.partition(" ")[0] in str(refused.value) or "cannot be read" in str(refused.value)


def test_starts_that_fail_one_after_the_other_are_a_reason_to_rest() -> None:
    session = Session()
    for number in range(4):
        session.over(refs(number)[0], started=False)
    assert session.may_take(3) == 3

    session.over(refs(9)[0], started=False)
    assert (session.may_take(3), session.resting > 5) == (0, True)

    well = Session()
    for number in range(10):
        well.over(refs(number)[0], started=number % 4 == 3)
    assert well.may_take(3) == 3


def test_an_ephemeral_agent_takes_one_job_and_is_finished_when_it_ended() -> None:
    session = Session(ephemeral=True)
    assert session.may_take(5) == 1

    session.took(refs(1))
    assert (session.may_take(5), session.finished, session.busy) == (0, False, 1)

    session.over(refs(1)[0], started=True)
    assert (session.may_take(5), session.finished) == (0, True)


def test_why_there_is_no_session_is_told_until_there_is_one(tmp_path: Path) -> None:
    session = Session()
    preflight = Preflight(tmp_path, 0, lambda _: MachineFacts(system="Linux"), lambda _: Room())
    with answering(one=(409, problem("protocol-unknown"))) as url:
        remote = Remote(ServerDoor(url, lambda: "one"), session, preflight)
        with pytest.raises(Refused):
            remote.adopt(AdoptRunnerCommand(runner_id=RunnerId("self"), driver_id=DriverId("box")))
    assert session.trouble == "why"

    session.opened(1, "box")
    assert session.trouble is None


def test_a_folder_that_was_copied_is_told_from_the_original(tmp_path: Path) -> None:
    home = Home(tmp_path / "one").made()
    first = home.driver()
    shutil.copytree(home.folder, tmp_path / "two")

    assert home.driver() == first
    assert Home(tmp_path / "two").driver() != first


def test_one_agent_at_a_time_has_a_folder(tmp_path: Path) -> None:
    home = Home(tmp_path / "one").made()
    assert home.pid() is None
    home.lock()

    assert home.pid() is not None
    with pytest.raises(AgentRunsAlready, match="process"):
        Home(home.folder).lock()


def test_a_token_is_kept_for_this_account_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "one").made()
    with pytest.raises(NotRegistered, match="runyard agent register"):
        home.token()

    home.keep_token("ryr_one")
    home.keep_token("ryr_two")

    assert home.token() == "ryr_two"
    assert (home.folder / "token").stat().st_mode & 0o777 == 0o600
    assert home.folder.stat().st_mode & 0o777 == 0o700


def test_nothing_is_taken_while_there_is_no_room_or_nothing_can_be_written(tmp_path: Path) -> None:
    free = [1 << 30]

    def room(_: Path) -> Room:
        return Room(None, free[0])

    preflight = Preflight(tmp_path, 1 << 20, lambda _: MachineFacts(system="Linux"), room)
    assert preflight.passes()
    free[0] = 1000
    assert not preflight.passes()
    assert "nothing is taken below 1 MiB" in (preflight.wrong or "")
    gone = Preflight(tmp_path / "gone", 0, lambda _: MachineFacts(system="Linux"), room)
    assert not gone.passes()
    assert "cannot be written" in (gone.wrong or "")


class Answers(BaseHTTPRequestHandler):
    """Answers what it is told to, by the token that comes."""

    said: dict[str, tuple[int, bytes]]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, body = self.said[self.headers["Authorization"]]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def answering(**said: tuple[int, bytes]) -> Iterator[str]:
    """A server that answers the bearers of these tokens so."""
    handler = type("Said", (Answers,), {"said": {f"Bearer {token}": answer for token, answer in said.items()}})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def problem(code: str) -> bytes:
    return f'{{"type": "urn:runyard:problem:{code}", "detail": "why"}}'.encode()


def test_a_server_that_failed_is_left_alone_for_a_while() -> None:
    with answering(one=(503, problem("store-unavailable"))) as url:
        door = ServerDoor(url, lambda: "one")
        pauses = []
        for _ in range(12):
            with pytest.raises(StoreUnavailable):
                door.says("sync")
            pauses.append(door.pause)
            door._again = 0.0

        door._again = float("inf")
        with pytest.raises(StoreUnavailable, match="not asked again yet: why"):
            door.says("sync")
    assert max(pauses[6:]) > 2
    assert max(pauses) <= 30
    assert len(set(pauses)) > 6, "cut short by chance"


def test_a_request_that_a_new_token_overtook_is_sent_again_with_it() -> None:
    tokens = iter(["old", "new", "new"])
    with answering(old=(401, problem("runner-token-refused")), new=(200, b'{"well": true}')) as url:
        door = ServerDoor(url, lambda: next(tokens))

        assert door.says("sync") == {"well": True}
        assert not door.shut.is_set()


@pytest.mark.parametrize(
    ("status", "code", "raised", "shut"),
    [
        (401, "runner-token-refused", PassRefused, True),
        (409, "driver-lost", DriverLost, False),
        (409, "runner-driven-elsewhere", DriverLost, False),
        (422, "invalid-runner", Refused, False),
    ],
)
def test_refusals_are_known_by_their_codes(status: int, code: str, raised: Any, shut: bool) -> None:
    with answering(one=(status, problem(code))) as url:
        door = ServerDoor(url, lambda: "one")
        with pytest.raises(raised, match="why"):
            door.says("sync")
        assert door.shut.is_set() is shut


def test_what_is_no_runyard_is_refused_by_its_status_and_left_alone_for_a_while() -> None:
    with answering(one=(404, b"<html>")) as url:
        door = ServerDoor(url, lambda: "one")
        with pytest.raises(Refused, match="answered 404"):
            door.says("sync")
        assert door.pause > 0


@pytest.mark.parametrize("said", [b"", b"<html>log in first</html>"])
def test_what_answers_well_and_is_no_runyard_is_no_answer(said: bytes) -> None:
    with answering(one=(200, said)) as url:
        door = ServerDoor(url, lambda: "one")
        with pytest.raises(StoreUnavailable, match="no server of ours"):
            door.says("rotate")
        assert door.pause > 0


def test_a_farewell_has_no_answer_but_that_it_was_heard() -> None:
    with answering(one=(204, b"")) as url:
        ServerDoor(url, lambda: "one").leave(1)
