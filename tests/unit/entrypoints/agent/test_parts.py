"""What an agent knows, keeps and asks, part by part."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import trustme

from runyard.application.ports.work import StoreUnavailable
from runyard.application.runners.adopt_runner import AdoptRunnerCommand
from runyard.domain.runners.agent import MachineFacts, Room
from runyard.domain.runners.errors import DriverLost
from runyard.domain.runners.ids import DriverId, RunnerId
from runyard.domain.runners.passes import PassRefused
from runyard.entrypoints.agent.door import Refused, ServerDoor
from runyard.entrypoints.agent.home import Home
from runyard.entrypoints.agent.life import Life, Why
from runyard.entrypoints.agent.look import Preflight
from runyard.entrypoints.agent.remote import Remote
from runyard.entrypoints.agent.session import Session
from runyard.entrypoints.agent.settings import AgentSettings, WrongAgentSettings, written
from runyard.entrypoints.agent.waiting import Waiting


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
    "line",
    [
        *("slots = 3", "ephemeral = 2", 'min_free_bytes = "much"', "idle_timeout = -1", "url = 5", "url ="),
        *("idle_timeout = nan", "min_free_bytes = inf", "min_free_bytes = 0.5", "rotate_every = 0"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "agent.toml").write_text(line)

    with pytest.raises(WrongAgentSettings) as refused:
        AgentSettings.read(tmp_path, {})
    assert line.partition(" ")[0] in str(refused.value) or "cannot be read" in str(refused.value)


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


@pytest.mark.parametrize("said", [b"", b"<html>log in first</html>", b"[]", b"null"])
def test_what_answers_well_and_is_no_runyard_is_no_answer(said: bytes) -> None:
    with answering(one=(200, said)) as url:
        door = ServerDoor(url, lambda: "one")
        with pytest.raises(StoreUnavailable, match="no server of ours"):
            door.says("rotate")
        assert door.pause > 0


class Idle:
    """A driver that has nothing to do."""

    def start(self, runner_id: RunnerId, driver_id: DriverId) -> None:
        pass

    def stop(self, timeout: float) -> bool:
        return True


def test_an_agent_lives_on_though_its_folder_takes_no_token(tmp_path: Path) -> None:
    home, session = Home(tmp_path).made(), Session()
    home.keep_token("one")
    for name in ("token", "status.json"):
        (tmp_path / f"{name}.new").mkdir()  # as good as a full disk: it cannot be written
    with answering(one=(200, b'{"token": "two"}')) as url:
        settings = AgentSettings(url=url, rotate_every=0.1, idle_timeout=0.5)
        door = ServerDoor(url, home.token)
        preflight = Preflight(tmp_path, 0, lambda _: MachineFacts(system="Linux"), lambda _: Room())
        waiting = Waiting(door, session, preflight.room_body)

        why = Life(home, settings, session, door, preflight).run(Idle(), waiting, began=print)

    assert (why, home.token()) == (Why.IDLE, "one")


@pytest.mark.parametrize("named", ["ca.pem", "~/ca.pem"])
def test_a_job_is_told_the_whole_path_of_the_authorities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "ca.pem").write_bytes(trustme.CA().cert_pem.bytes())

    way_back = ServerDoor("https://yard:1", lambda: "one", ca_file=named).way_back

    assert way_back == {"RUNYARD_URL": "https://yard:1", "RUNYARD_CA_FILE": str(tmp_path / "ca.pem")}


def test_a_farewell_has_no_answer_but_that_it_was_heard() -> None:
    with answering(one=(204, b"")) as url:
        ServerDoor(url, lambda: "one").leave(1)
