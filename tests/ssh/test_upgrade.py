"""The supervisor is sent once, found again by its hash, and replaced when it has run out of attempts."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from runyard.adapters.supervised.bundle import Bundle, bundle
from runyard.adapters.supervised.executor import SupervisedExecutor
from runyard.adapters.supervised.program import frames
from runyard.adapters.supervised.ssh import way
from runyard.application.ports.executor import SignalKind
from tests.contracts.hosts import Line
from tests.integration.server import until

from .far_yard import FarYard
from .sshd import Sshd


@pytest.fixture
def yard(host: Sshd) -> Iterator[FarYard]:
    yard = FarYard(host)
    yield yard
    yard.close()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time that the program went over the wire."""
    times: list[int] = []
    really = way.send_program

    def counting(channel: object) -> None:
        times.append(1)
        really(channel)  # type: ignore[arg-type]

    monkeypatch.setattr(way, "send_program", counting)
    return times


def told(executor: SupervisedExecutor) -> dict[str, object]:
    return frames.parse(executor._ask(frames.HELLO, frames.WELCOME))


def files(yard: FarYard) -> list[Path]:
    return list((yard.sshd.account.home / ".runyard" / yard.runner_id).glob("supd-*"))


def test_it_is_sent_once_and_found_again_by_its_hash(yard: FarYard, sent: list[int]) -> None:
    with yard.another() as first:
        pid = told(first)["pid"]
    with yard.another() as second:
        assert told(second)["pid"] == pid
        assert second.stop_supervisor()
    until(lambda: not Path(f"/proc/{pid}").exists())
    with yard.another() as third:
        assert told(third)["pid"] != pid
        third.stop_supervisor()
    assert len(sent) == 1

    (file,) = files(yard)
    file.write_text("raise SystemExit(1)  # not what its name says\n")
    with yard.another() as fourth:
        assert told(fourth)["program"] == bundle().name
    assert len(sent) == 2


def test_another_program_takes_over_when_the_old_one_has_run_out(
    yard: FarYard, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line(yard.another())
    ref = line.run(("/bin/sh", "-c", "echo up; sleep 60"))
    line.until(lambda: line.printed(ref))
    line.host.close()
    text = bundle().text + "\n# newer\n"
    newer = Bundle(f"supd-{hashlib.sha256(text.encode()).hexdigest()[:16]}.py", text)
    for module in ("bundle", "replacing", "ssh.way"):
        monkeypatch.setattr(f"runyard.adapters.supervised.{module}.bundle", lambda: newer)

    busy = yard.another()
    assert told(busy)["program"] == bundle().name != newer.name
    again = Line(busy)
    again.resume(ref)
    again.wish(ref, SignalKind.KILL)
    again.end_of(ref)
    again.acknowledge(ref, 3, final=True)
    busy.held()
    busy.close()

    with yard.another() as next_one:
        assert told(next_one)["program"] == newer.name
    assert [file.name for file in files(yard)] == [newer.name]
    assert len(sent) == 2
