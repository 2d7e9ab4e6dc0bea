import gzip
import json
import stat
import tracemalloc
import zlib
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from runyard.adapters.archive.files import ArchiveThere, ArchiveUnwritable, FileArchiveReader, FileArchiveWriter
from runyard.application.ports.archive import ArchiveUnreadable, Item
from runyard.application.ports.holdings import KeyLimit, WholeJob
from runyard.domain.audit.entry import Doer
from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.ids import AttemptRef
from runyard.domain.jobs.log import LogChunk, LogRecord, Stream
from runyard.domain.jobs.states import JobState
from tests.builders import NOON, a_job, a_job_id, a_runner, a_spec, an_attempt
from tests.contracts.audit import an_entry
from tests.contracts.worlds import worlds

MANY = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    deadline=None,
)
SAMPLE = Path(__file__).parent / "format_1.jsonl"
"""An archive of the first format, as its lines: it must stay readable for ever."""


def written(path: Path, items: Iterable[Item]) -> Path:
    path.unlink(missing_ok=True)
    with FileArchiveWriter(path, version="1.2.3", made_at=NOON) as archive:
        for item in items:
            archive.put(item)
        archive.finish()
    return path


def read(path: Path) -> list[Item]:
    return list(FileArchiveReader(path).items())


def lines(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines(keepends=True)


def rewritten(path: Path, content: Iterable[bytes]) -> Path:
    path.write_bytes(gzip.compress(b"".join(content)))
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return written(tmp_path / "yard.gz", [a_runner(), KeyLimit("k", 2), WholeJob(a_job(), a_spec(env={"A": "b"}))])


@MANY
@given(items=worlds())
def test_everything_comes_back_as_it_was_put(tmp_path, items) -> None:
    assert read(written(tmp_path / "yard.gz", items)) == items


def test_text_that_is_no_unicode_comes_back_too(tmp_path) -> None:
    outcome = Outcome(ending=Ending.START_FAILED, message="no such program: \udcff")
    job = a_job(state=JobState.FAILED, attempt=an_attempt(outcome=outcome))
    item = WholeJob(job, a_spec())

    assert read(written(tmp_path / "yard.gz", [item])) == [item]


@pytest.mark.parametrize("entry", [an_entry(id=7), an_entry(doer=Doer(), before={}, after={"ratio": 0.5, "no": None})])
def test_an_entry_of_the_audit_trail_comes_back_too(tmp_path, entry) -> None:
    assert read(written(tmp_path / "yard.gz", [entry])) == [entry]


def test_it_is_its_owners_alone_and_says_what_it_holds(tmp_path, archive) -> None:
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [archive.name]
    head, *_, end = map(json.loads, lines(archive))
    assert head == {"runyard_export": 1, "version": "1.2.3", "made_at": NOON.isoformat()}
    assert end["end"]["counts"] == {"runner": 1, "concurrency_key": 1, "job": 1}
    reader = FileArchiveReader(archive)
    list(reader.items())
    assert reader.counts() == end["end"]["counts"]


def test_a_file_that_is_there_is_left_alone(archive) -> None:
    before = archive.read_bytes()

    with pytest.raises(ArchiveThere, match="is there already"):
        FileArchiveWriter(archive, version="1", made_at=NOON)

    assert archive.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(tmp_path) -> None:
    with pytest.raises(ArchiveUnwritable, match="No such file"):
        FileArchiveWriter(tmp_path / "no" / "yard.gz", version="1", made_at=NOON)


def test_of_one_that_was_not_finished_nothing_stays(tmp_path) -> None:
    with FileArchiveWriter(tmp_path / "yard.gz", version="1", made_at=NOON) as archive:
        archive.put(a_runner())

    assert list(tmp_path.iterdir()) == []


def test_one_that_is_cut_off_anywhere_is_refused(tmp_path, archive) -> None:
    whole = archive.read_bytes()
    for size in range(len(whole)):
        archive.write_bytes(whole[:size])
        with pytest.raises(ArchiveUnreadable, match=r"cannot be imported: .*(cut off|no export)"):
            read(archive)


def test_one_that_is_damaged_anywhere_is_refused(archive) -> None:
    whole, refused = archive.read_bytes(), 0
    for place in range(10, len(whole)):  # before that stand the hints of gzip, which mean nothing
        damaged = bytearray(whole)
        damaged[place] ^= 0x01
        archive.write_bytes(damaged)
        if unpacked(damaged) == unpacked(whole):
            continue  # bits that fill a byte up, or name another copy of the same words
        refused += 1
        with pytest.raises(ArchiveUnreadable, match="cannot be imported"):
            read(archive)
    assert refused > (len(whole) - 10) * 0.9


def unpacked(archive: bytes | bytearray) -> bytes | None:
    try:
        return gzip.decompress(archive)
    except (OSError, EOFError, zlib.error):
        return None


def test_one_that_somebody_changed_and_packed_again_is_refused(archive) -> None:
    head, runner, key, job, end = lines(archive)
    changed = job.replace(b'"A":"b"', b'"A":"c"')

    for content in (
        [head, runner, key, changed, end],
        [head, runner, job, key, end],
        [head, runner, job, end],
        [head, runner, key, job, job, end],
        [head, runner, key, job, end, job],
        [head, runner, key, job],
        [head, runner, key, b'{"what":1}\n', end],
        [head, runner, key, b"[]\n", end],
        [runner, key, job, end],
    ):
        assert content != lines(archive)
        with pytest.raises(ArchiveUnreadable, match="cannot be imported"):
            read(rewritten(archive.with_name("changed.gz"), content))


def test_one_of_a_newer_format_names_the_version_that_made_it(archive) -> None:
    head, *rest = lines(archive)
    newer = head.replace(b'"runyard_export":1', b'"runyard_export":2')

    with pytest.raises(ArchiveUnreadable, match=r"its format is 2.*with Runyard 1\.2\.3 or newer"):
        read(rewritten(archive, [newer, *rest]))


def test_what_is_no_archive_at_all_is_refused(tmp_path) -> None:
    (tmp_path / "text").write_text("hello\n")
    rewritten(tmp_path / "packed", [b"hello\n"])

    for name in ("text", "packed", "absent"):
        with pytest.raises(ArchiveUnreadable, match="cannot be imported"):
            read(tmp_path / name)


def test_the_first_format_is_read_for_ever(tmp_path) -> None:
    runner, pause, key, submission, job, log = read(rewritten(tmp_path / "old.gz", [SAMPLE.read_bytes()]))

    assert type(runner).__name__ == "Runner"
    assert type(pause).__name__ == "QueuePause"
    assert key == KeyLimit("database", 2)
    assert type(submission).__name__ == "Reservation"
    assert isinstance(job, WholeJob)
    assert (job.job.state, job.spec.stdin, [ref.number for ref in job.refs]) == (JobState.RUNNING, "in", [1, 2])
    assert isinstance(log, LogChunk)
    assert log.records[0].data == b"hello\n"


def test_memory_does_not_grow_with_what_is_carried(tmp_path) -> None:
    ref = AttemptRef(a_job_id(), 1)

    def output() -> Iterable[Item]:
        for number in range(64):
            yield LogChunk(ref, number << 20, (LogRecord(Stream.STDOUT, NOON, bytes([number]) * (1 << 20)),))

    tracemalloc.start()
    try:
        path = written(tmp_path / "yard.gz", output())
        count = sum(1 for _ in FileArchiveReader(path).items())
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert count == 64
    assert most < 20 << 20
