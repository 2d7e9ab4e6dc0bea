"""What survives whom: collectors come and go, supervisors die, attempts are told of as they are."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from runyard.application.ports.executor import Broken, Ended, HostUnreachable, Receipt, SignalKind, Voided
from runyard.domain.jobs.attempt import Ending
from tests.integration.server import arguments_of

from .yard import Yard, wait_for

pytestmark = pytest.mark.machine
LINES = "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); [ $((i % 100)) = 0 ] && sleep 0.02; done; exit 6"
ALL_LINES = "".join(f"line {n}\n" for n in range(3000))


def test_a_running_attempt_is_told_of_and_read_on_from_where_one_was(yard: Yard) -> None:
    order = yard.order(LINES)
    yard.start(order)
    yard.says(order.ref, "line 500\n")
    had = yard.of(order.ref).bytes()

    yard.reconnected()
    yard.resume(order.ref, len(had))
    seen = yard.ended(order.ref)

    assert seen.started == 1
    assert seen.first == len(had)
    assert (had + seen.bytes()).decode() == ALL_LINES
    assert seen.outcome.exit_code == 6


def test_an_ended_attempt_is_told_of_again_until_its_end_is_acknowledged(yard: Yard) -> None:
    yard.acknowledging = False
    seen = yard.run(("/bin/echo", "result"))

    for offset, rest in ((0, "result\n"), (3, "ult\n"), (7, ""), (1000, "")):
        yard.reconnected()
        yard.resume(seen.ref, offset)
        again = yard.ended(seen.ref)
        assert (again.started, again.text, again.outcome) == (1, rest, seen.outcome)

    yard.forget(seen.ref)
    assert yard.files().get("journal.1", 0) < 4096


def test_an_attempt_never_heard_of_is_voided_for_good(yard: Yard) -> None:
    order = yard.order(("/bin/true",))
    hello = yard.executor.hello()
    yard.pid()
    yard.resume(order.ref)
    yard.ended(order.ref)

    yard.executor.start(hello, [order])
    yard.of(order.ref).last = None
    seen = yard.ended(order.ref)

    assert seen.last == Voided(order.ref, hello.boot_id)
    assert seen.started == 0


def test_a_forgotten_attempt_does_not_start_again(yard: Yard) -> None:
    order = yard.order("echo ran")
    hello = yard.executor.hello()
    yard.pid()
    yard.executor.start(hello, [order])
    first = yard.ended(order.ref)
    yard.forget(order.ref)

    yard.reconnected()
    yard.executor.start(hello, [order])
    again = yard.ended(order.ref)

    assert (again.outcome, again.text) == (first.outcome, "")


def test_a_start_sent_twice_runs_once(yard: Yard, tmp_path: Path) -> None:
    orders = [yard.order(f"echo x >> {tmp_path}/ran.{n}; sleep 0.2; echo done") for n in range(20)]
    hello = yard.executor.hello()
    yard.pid()
    yard.executor.start(hello, [*orders, *orders])
    yard.executor.start(hello, orders)
    yard.ended(*(order.ref for order in orders))

    assert [(tmp_path / f"ran.{n}").read_text() for n in range(20)] == ["x\n"] * 20
    assert {yard.of(order.ref).text for order in orders} == {"done\n"}


@pytest.mark.parametrize("change", [{"nonce": "0" * 32}, {"stamp": 0.0}, {"stamp": 1e8}])
def test_a_start_for_another_hello_or_too_late_is_voided(yard: Yard, change: dict[str, Any]) -> None:
    order = yard.order(("/bin/true",))
    hello = yard.executor.hello()
    yard.pid()

    yard.executor.start(replace(hello, **change), [order])

    assert isinstance(yard.ended(order.ref).last, Voided)


def test_a_hello_is_good_for_thirty_seconds(yard: Yard) -> None:
    old, young = yard.order(("/bin/true",)), yard.order(("/bin/true",))
    hello = yard.executor.hello()
    yard.pid()
    yard.executor.start(replace(hello, stamp=hello.stamp - 30.5), [old])
    yard.executor.start(replace(hello, stamp=hello.stamp - 28.0), [young])
    yard.ended(old.ref, young.ref)

    assert isinstance(yard.of(old.ref).last, Voided)
    assert yard.of(young.ref).outcome.exit_code == 0


def test_the_newest_collector_wins(yard: Yard) -> None:
    first = yard.executor
    first.hello()
    yard.executor = yard.another()
    yard.pid()

    with pytest.raises(HostUnreachable):
        first.events(5)
    assert yard.run(("/bin/echo", "hi")).text == "hi\n"
    assert first.hello()


CLIENT = """
import json, sys
from pathlib import Path
from runyard.adapters.supervised.pipe import local_executor
from runyard.application.ports.executor import *
from runyard.domain.jobs.ids import *
from runyard.domain.jobs.log import joined
job, command, out = sys.argv[2], sys.argv[3], Path(sys.argv[4])
executor = local_executor(Path(sys.argv[1]))
refs = [AttemptRef(JobId(job), n) for n in range(1, 11)]
files = {ref: out / str(ref.number) for ref in refs}
for file in files.values(): file.touch()
hello = executor.hello()
if sys.argv[5] == "0":
    executor.start(hello, [StartOrder(ref=ref, command=command) for ref in refs])
else:
    executor.resume([Resume(ref, files[ref].stat().st_size) for ref in refs])
ended = {}
while len(ended) < len(refs):
    for event in executor.events(5):
        if isinstance(event, Output):
            with files[event.ref].open("ab") as file:
                assert file.tell() == event.chunk.offset, "a gap"
                file.write(joined(event.chunk.records))
            executor.acknowledge([Receipt(event.ref, event.chunk.end)])
        if isinstance(event, Ended):
            assert event.outcome.exit_code == 0
            ended[event.ref] = event
print(json.dumps("all"))
"""


def test_a_driver_killed_again_and_again_loses_no_byte(yard: Yard, tmp_path: Path) -> None:
    yard.pid()
    out = tmp_path / "out"
    out.mkdir()
    script = 'exec python3 -c "import time\nfor n in range(50): print(str(n) * 8000, flush=True); time.sleep(.06)"'
    expected = "".join(str(n) * 8000 + "\n" for n in range(50)).encode()
    argv = [sys.executable, "-c", CLIENT, str(yard.directory), yard.job, script, str(out)]

    for turn in range(6):
        client = subprocess.Popen([*argv, str(turn)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if turn == 0:
            wait_for(lambda: any(file.stat().st_size for file in out.iterdir()), 60)
        try:
            client.wait(60 if turn == 5 else 0.7)
        except subprocess.TimeoutExpired:
            client.send_signal(signal.SIGKILL)
        said, errors = client.communicate()

    assert json.loads(said) == "all", errors.decode()
    digests = {hashlib.sha256((out / str(n)).read_bytes()).hexdigest() for n in range(1, 11)}
    assert digests == {hashlib.sha256(expected).hexdigest()}


def test_a_dead_supervisors_attempts_are_broken_and_their_trees_gone(yard: Yard) -> None:
    running = yard.order("sleep 1000 & setsid sleep 1000 & echo up; wait")
    yard.start(running)
    yard.says(running.ref, "up\n")
    yard.kill_supervisor()

    with pytest.raises(HostUnreachable):
        yard.executor.events(5)
    yard.seen.clear()
    yard.resume(running.ref)
    yard.pid()
    seen = yard.ended(running.ref)

    assert isinstance(seen.last, Broken)
    assert seen.last.tree_empty is True
    wait_for(lambda: not any(b"sleep" in arguments_of(pid) for pid in yard.processes()))


def test_a_dead_supervisors_outcomes_and_outputs_are_told_by_the_next(yard: Yard) -> None:
    yard.acknowledging = False
    small = yard.run("echo small; exit 3")
    large = yard.order("head -c 3000000 /dev/zero | tr '\\0' x; echo end; exit 4")
    yard.start(large)
    wait_for(lambda: (yard.executor.events(0.1) and False) or _recorded(yard, large.ref))
    yard.kill_supervisor()

    yard.reconnected()
    yard.acknowledging = True
    yard.pid()
    yard.resume(small.ref)
    yard.resume(large.ref)
    again, whole = yard.ended(small.ref), yard.ended(large.ref)

    assert (again.started, again.text, again.outcome) == (1, "small\n", small.outcome)
    assert whole.text == "x" * 3_000_000 + "end\n"
    assert (whole.outcome.exit_code, whole.outcome.log_size) == (4, whole.end)
    yard.forget(small.ref, large.ref)
    wait_for(lambda: not any(name.startswith(("o/", "a/")) for name in yard.files()))


def _recorded(yard: Yard, ref: object) -> bool:
    """Whether the journal knows the end of an attempt."""
    found = b"".join((yard.directory / name).read_bytes() for name in yard.files() if name.startswith("journal."))
    return found.count(str(ref).encode()) >= 2


def test_an_outcome_is_told_after_any_death_exactly_once_per_question(yard: Yard) -> None:
    orders = [yard.order(f"echo {n}; exit {n}") for n in range(40)]
    hello = yard.executor.hello()
    pid = yard.pid()
    yard.executor.start(hello, orders)
    time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)

    yard.reconnected()
    yard.pid()
    for order in orders:
        yard.resume(order.ref)
    yard.ended(*(order.ref for order in orders))

    for number, order in enumerate(orders):
        seen = yard.of(order.ref)
        assert isinstance(seen.last, Broken | Voided) or seen.outcome.exit_code == number


ASK = """
import sys
from pathlib import Path
from runyard.adapters.supervised.pipe import local_executor
from runyard.application.ports.executor import HostUnreachable
executor = local_executor(Path(sys.argv[1]))
while True:
    try:
        print(executor.hello().nonce)
        break
    except HostUnreachable:  # a newer one came
        pass
"""


def test_all_who_find_no_supervisor_get_the_same_one(yard: Yard) -> None:
    argv = [sys.executable, "-c", ASK, str(yard.directory)]
    clients = [subprocess.Popen(argv, stdout=subprocess.PIPE) for _ in range(6)]
    nonces = {client.communicate()[0] for client in clients}
    yard.pid()

    assert len(nonces) == 1
    assert len(nonces.pop()) == 33


def test_a_supervisor_with_work_does_not_stop(yard: Yard) -> None:
    order = yard.order(("/bin/sleep", "1000"))
    yard.start(order)
    yard.runs(order.ref)
    assert not yard.executor.stop_supervisor()

    yard.signal(order.ref, SignalKind.KILL)
    yard.ended(order.ref)
    pid = yard.pid()
    assert yard.executor.stop_supervisor()
    wait_for(lambda: not Path(f"/proc/{pid}").exists())

    assert yard.pid() != pid
    yard.seen.clear()
    yard.resume(order.ref)
    assert yard.ended(order.ref).outcome.signal == 9


def test_forgetting_a_running_attempt_ends_it(yard: Yard) -> None:
    order = yard.order("sleep 1000 & sleep 1000")
    yard.start(order)
    yard.runs(order.ref)

    yard.executor.acknowledge([Receipt(order.ref, 0, final=True)])

    wait_for(yard.executor.stop_supervisor)


def test_a_directory_may_have_a_very_long_name(yard: Yard) -> None:
    deep = Yard(yard.directory / ("d" * 100) / ("e" * 100))
    try:
        assert deep.run(("/bin/echo", "far")).text == "far\n"
    finally:
        deep.close()


def test_a_wait_can_be_ended_from_another_thread(yard: Yard) -> None:
    yard.pid()
    began = time.monotonic()
    Timer(0.2, yard.executor.wake).start()

    assert yard.executor.events(10) == []
    assert time.monotonic() - began < 9


def test_no_order_leaves_a_trace_in_the_files_of_the_supervisor(yard: Yard) -> None:
    secret = "5ecret" * 3
    yard.run(f"echo hi; : {secret}", env={"TOKEN": secret}, stdin=secret)
    yard.run((f"/no/{secret}",))
    order = yard.order(("/bin/sleep", "1000"), env={"TOKEN": secret})
    yard.start(order)
    yard.runs(order.ref)

    held = [name for name in yard.files() if secret.encode() in (yard.directory / name).read_bytes()]

    assert all(name.startswith("journal.") for name in held)
    assert (yard.directory / "err").read_bytes() == b""
    yard.signal(order.ref, SignalKind.KILL)
    yard.ended(order.ref)


def test_what_failed_to_start_is_told_as_ended(yard: Yard) -> None:
    seen = yard.run(("/nowhere/x",))
    yard.reconnected()
    yard.resume(seen.ref)

    again = yard.ended(seen.ref)
    assert isinstance(again.last, Ended)
    assert isinstance(seen.last, Ended)
    assert again.last.outcome.ending is Ending.START_FAILED
    assert again.records == []
