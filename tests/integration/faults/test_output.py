"""Output of every unpleasant kind, through a real server; and pieces of it in any order, into real stores."""

import random
from hashlib import sha256
from pathlib import Path

import pytest

from runyard.application.jobs.read_log import ReadLogCommand
from runyard.domain.jobs.errors import LogGap
from runyard.domain.jobs.log import joined
from tests.integration.server import Server
from tests.proofs.defences import without
from tests.unit.application.yard import Yard, ended

MIB = 1 << 20
ODD = {
    "binary": "os.urandom(3_000_000)",
    "NUL": "bytes(1_000_000)",
    "invalid UTF-8": "b'\\xff\\xfe\\xc3\\x28' * 200_000",
    "one line of 100 MB": "b'x' * 100_000_000",
}


@pytest.mark.servers
@pytest.mark.parametrize("kind", ODD)
def test_f73_output_of_any_kind_is_kept_byte_for_byte(kind: str, server: Server, tmp_path: Path) -> None:
    server.start()
    digest = tmp_path / "digest"
    program = (
        "import hashlib, os, sys\n"
        f"data = {ODD[kind]}\n"
        f"open({str(digest)!r}, 'w').write(hashlib.sha256(data).hexdigest())\n"
        "sys.stdout.buffer.write(data)\n"
    )
    with server.client() as client:
        job = client.submit(["python3", "-c", program])
        assert client.wait(job, timeout=60).state == "succeeded"
        told = sha256()
        for piece in client.logs(job):
            told.update(piece)

    assert told.hexdigest() == digest.read_text()


@pytest.mark.servers
def test_f72_a_job_that_prints_a_gigabyte_is_cut_at_its_limit_and_takes_no_memory(server: Server) -> None:
    server.start()
    with server.client() as client:
        client.wait(client.submit(["true"]), timeout=60)
        before = _resident(server)
        job = client.submit("yes | head -c 1073741824", log_limit={"bytes": MIB})
        done = client.wait(job, timeout=90)
        kept = b"".join(client.logs(job))

    assert done.state == "succeeded"
    assert kept[:MIB] == b"y\n" * (MIB // 2)
    assert kept[MIB:] == f"output limit of {MIB} bytes reached, {1024 * MIB - MIB} bytes dropped\n".encode()
    assert _resident(server) - before < 50 * MIB


def test_f77_chunks_doubled_overlapping_out_of_order_or_with_gaps_make_the_log_that_was_written(yard: Yard) -> None:
    written, dice = random.Random(7).randbytes(4000), random.Random(8)  # noqa: S311 - repeatable
    job, stored, gaps = yard.assigned(), 0, 0
    while stored < len(written):
        offset = max(0, stored + dice.choice([0, 0, -40, -7, 5]))
        (answer,) = yard.append(
            yard.chunk(job, offset, written[offset : offset + dice.randint(1, 60)]), fence=job.fence
        )
        if offset > stored:
            assert isinstance(answer.refused, LogGap)
            assert answer.stored == stored
            gaps += 1
        assert answer.stored >= stored
        stored = answer.stored
    yard.report(ended(job, log_size=len(written)), fence=job.fence)

    part = yard.read_log.execute(ReadLogCommand(job_id=job.id))
    assert gaps > 0
    assert joined([record for chunk in part.slice.chunks for record in chunk.records]) == written
    assert part.complete


def test_f77_without_the_offsets_repeated_chunks_would_be_stored_again(yard: Yard) -> None:
    """The defence off: the promise breaks."""
    job = yard.assigned()

    with without("output goes where it belongs"):
        for _ in range(2):
            yard.append(yard.chunk(job, 0, b"once"), fence=job.fence)

    part = yard.read_log.execute(ReadLogCommand(job_id=job.id))
    assert joined([record for chunk in part.slice.chunks for record in chunk.records]) == b"onceonce"


def _resident(server: Server) -> int:
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024
