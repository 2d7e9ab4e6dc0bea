"""Output arrives whole, in order, and waits where it costs no memory."""

import hashlib
import time
from statistics import median

import pytest

from runyard.adapters.supervised.program import frames
from runyard.adapters.supervised.program.link import WINDOW
from runyard.application.ports.executor import Ended, Output, Receipt, SignalKind
from runyard.domain.jobs.attempt import Ending
from runyard.domain.jobs.limits import LogLimit, LogPolicy
from runyard.domain.jobs.log import Stream

from .yard import Yard, wait_for

pytestmark = pytest.mark.machine
MB = 1_000_000
BLOCK = bytes(range(256)) * 4096


def blocks(count: int) -> str:
    """A script that writes so many MiB."""
    return f"import os\nfor _ in range({count}): os.write(1, bytes(range(256)) * 4096)"


def test_two_hundred_megabytes_pass_through_flat_memory(yard: Yard) -> None:
    yard.run(("/bin/true",))
    before = yard.memory()
    order = yard.order(("python3", "-c", blocks(200)))
    digest, size, ended = hashlib.sha256(), 0, None
    yard.start(order)

    while ended is None:
        for event in yard.executor.events(5):
            if isinstance(event, Output):
                assert event.chunk.offset == size
                for record in event.chunk.records:
                    digest.update(record.data)
                size = event.chunk.end
                yard.executor.acknowledge([Receipt(order.ref, size)])
            elif isinstance(event, Ended):
                ended = event

    assert size == 200 << 20
    assert digest.hexdigest() == hashlib.sha256(BLOCK * 200).hexdigest()
    assert ended.outcome.log_size == size
    assert yard.memory("VmHWM") - before < 10 * MB


def test_output_nobody_acknowledges_stops_at_64_mib_and_the_job_waits(yard: Yard) -> None:
    yard.acknowledging = False
    order = yard.order(("python3", "-c", blocks(100)))
    yard.start(order)
    yard.until(lambda: yard.of(order.ref).end >= 3 << 20)

    spooled = lambda: sum(size for name, size in yard.files().items() if name.startswith("o/"))  # noqa: E731
    wait_for(lambda: spooled() > 63 << 20)
    yard.until(lambda: not yard.collect(0.5))
    assert spooled() < 65 << 20
    assert yard.of(order.ref).end <= WINDOW + frames.MAX_DATA, "more is on its way than the window allows"
    assert yard.memory() < 40 * MB

    yard.acknowledging = True
    yard.executor.acknowledge([Receipt(order.ref, yard.of(order.ref).end)])
    seen = yard.ended(order.ref)
    assert hashlib.sha256(seen.bytes()).digest() == hashlib.sha256(BLOCK * 100).digest()
    wait_for(lambda: spooled() == 0)


def test_a_job_that_waits_for_its_reader_can_be_ended(yard: Yard) -> None:
    yard.acknowledging = False
    order = yard.order(("yes",), log_limit=LogLimit(bytes=1 << 30))
    yard.start(order)
    wait_for(lambda: sum(yard.files().values()) > 63 << 20)

    yard.signal(order.ref, SignalKind.CANCEL)
    yard.acknowledging = True
    yard.executor.acknowledge([Receipt(order.ref, yard.of(order.ref).end)])
    seen = yard.ended(order.ref)

    assert seen.outcome.signal == 15
    assert seen.outcome.log_size == seen.end


def test_streams_are_told_apart_and_keep_their_order(yard: Yard) -> None:
    seen = yard.run("for n in $(seq 1 300); do echo out $n; echo err $n >&2; done")

    assert seen.bytes(Stream.STDOUT).decode() == "".join(f"out {n}\n" for n in range(1, 301))
    assert seen.bytes(Stream.STDERR).decode() == "".join(f"err {n}\n" for n in range(1, 301))
    assert all(a.at <= b.at for a, b in zip(seen.records, seen.records[1:], strict=False))
    assert abs(seen.records[0].at.timestamp() - time.time()) < 30


def test_output_comes_while_the_job_runs(yard: Yard) -> None:
    order = yard.order(("/bin/sh", "-c", "echo one; sleep 60"))
    yard.start(order)

    yard.says(order.ref, "one\n")
    assert yard.of(order.ref).last is None


def test_what_a_dying_job_wrote_last_is_kept(yard: Yard) -> None:
    orders = [yard.order(("/bin/sh", "-c", "head -c 60000 /dev/zero; echo last; kill -9 $$")) for _ in range(20)]
    yard.start(*orders)
    yard.ended(*(order.ref for order in orders))

    for order in orders:
        assert yard.of(order.ref).bytes() == bytes(60000) + b"last\n"


def test_a_daemon_that_keeps_the_pipes_open_does_not_keep_the_attempt_open(yard: Yard) -> None:
    seen = yard.run("setsid sleep 1000 & echo here; exit 3")

    assert (seen.text, seen.outcome.exit_code, seen.outcome.tree_empty) == ("here\n", 3, True)


def test_output_beyond_the_limit_is_counted_and_dropped(yard: Yard) -> None:
    seen = yard.run("head -c 300000 /dev/zero; exit 4", log_limit=LogLimit(bytes=100_000))

    assert seen.bytes(Stream.STDOUT) == bytes(100_000)
    assert seen.bytes(Stream.SYSTEM) == b"output limit of 100000 bytes reached, 200000 bytes dropped\n"
    assert seen.records[-1].stream is Stream.SYSTEM
    assert (seen.outcome.ending, seen.outcome.exit_code, seen.outcome.log_size) == (Ending.EXIT, 4, seen.end)


def test_a_job_may_be_ended_by_its_output_limit(yard: Yard) -> None:
    limit = LogLimit(bytes=1000, policy=LogPolicy.KILL)

    seen = yard.run(("yes",), log_limit=limit)

    assert len(seen.bytes(Stream.STDOUT)) == 1000
    assert (seen.outcome.ending, seen.outcome.signal) == (Ending.LOG_LIMIT, 15)
    assert seen.records[-1].stream is Stream.SYSTEM


def test_output_of_exactly_the_limit_is_no_offence(yard: Yard) -> None:
    limit = LogLimit(bytes=1000, policy=LogPolicy.KILL)

    seen = yard.run("head -c 1000 /dev/zero", log_limit=limit)

    assert (seen.outcome.ending, seen.end) == (Ending.EXIT, 1000)


def test_many_chatty_jobs_all_arrive_whole(yard: Yard) -> None:
    script = (
        "i=0; while [ $i -lt 400 ]; do echo $RUNYARD_ATTEMPT line $i of some length to make it a line; i=$((i+1)); done"
    )
    orders = [yard.order(script) for _ in range(60)]
    yard.start(*orders)
    yard.ended(*(order.ref for order in orders))

    for order in orders:
        number = order.ref.number
        expected = "".join(f"{number} line {n} of some length to make it a line\n" for n in range(400))
        assert yard.of(order.ref).text == expected


def test_a_ping_is_answered_while_jobs_pour_output(yard: Yard) -> None:
    orders = [yard.order(("yes",)) for _ in range(4)]
    yard.start(*orders)
    waits = []
    for _ in range(20):
        waits.append(yard.answers_within())
        yard.collect()

    assert median(waits) < 1.0, waits
