"""What becomes of the output of an attempt and of what it says of itself, whoever stands between."""

import json
from itertools import pairwise

from runyard.application.ports.executor import Ended, Output, Reported, Started
from runyard.domain.jobs.attempt import Ending, Progress
from runyard.domain.jobs.limits import LogLimit, LogPolicy
from runyard.domain.jobs.log import Stream

from .hosts import Line, OnOneHost


class OutputContract(OnOneHost):
    """What any machine must tell of what it runs; bind it with a fixture `machine`."""

    def test_all_output_comes_before_the_end_without_gaps(self, line, commands):
        data = bytes(range(256)) * 1200
        ref = line.run(commands.prints(data))

        outcome = line.end_of(ref)
        assert line.printed(ref) == data
        assert outcome.log_size == len(data)
        kinds = [type(event) for event in line.heard]
        assert kinds[0] is Started
        assert kinds[-1] is Ended
        chunks = [output.chunk for output in line.told(ref, Output)]
        assert chunks[0].offset == 0
        assert all(before.end == after.offset for before, after in pairwise(chunks))

    def test_both_streams_are_told_apart(self, line, commands):
        ref = line.run(commands.prints_on_both(b"good", b"bad"))

        line.end_of(ref)
        assert line.printed(ref, Stream.STDOUT) == b"good"
        assert line.printed(ref, Stream.STDERR) == b"bad"

    def test_output_comes_while_the_attempt_runs(self, line, commands):
        ref = line.run(commands.prints_then_waits(b"here"))

        line.until(lambda: line.printed(ref) == b"here")
        assert not line.told(ref, Ended)

    def test_beyond_its_log_limit_an_attempt_runs_on_in_silence(self, line, commands):
        ref = line.run(commands.prints(b"0123456789" * 100), log_limit=LogLimit(bytes=15, policy=LogPolicy.STOP))

        outcome = line.end_of(ref)
        assert (outcome.ending, outcome.exit_code) == (Ending.EXIT, 0)
        assert line.printed(ref, Stream.STDOUT) == b"012345678901234"
        assert outcome.log_size == len(line.printed(ref))

    def test_a_log_limit_may_end_the_attempt(self, line, commands):
        limit = LogLimit(bytes=15, policy=LogPolicy.KILL)
        ref = line.run(commands.prints_then_waits(b"0123456789" * 100), log_limit=limit)

        outcome = line.end_of(ref)
        assert outcome.ending is Ending.LOG_LIMIT
        assert line.printed(ref, Stream.STDOUT) == b"012345678901234"
        assert outcome.log_size == len(line.printed(ref))

    def test_progress_and_result_are_told_before_the_end(self, line, commands):
        ref = line.run(commands.reports('{"percent": 40, "message": "half"}', '{"result": {"n": [1, "ü"]}}'))

        line.end_of(ref)
        reports = line.told(ref, Reported)
        assert [report.progress for report in reports if report.progress][-1] == Progress(percent=40, message="half")
        assert [json.loads(report.result) for report in reports if report.result] == [{"n": [1, "ü"]}]
        assert isinstance(line.heard[-1], Ended)

    def test_an_attempt_goes_on_and_ends_while_nobody_listens(self, machine, line, commands):
        ref = line.run(commands.prints_slowly([b"a", b"b"]))
        line.until(lambda: line.told(ref, Started))
        line.host.close()

        other = Line(machine.connect())
        other.resume(ref)
        assert other.end_of(ref).exit_code == 0
        assert other.printed(ref) == b"ab"
