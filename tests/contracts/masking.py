"""What a host must do with secrets: give them to the process, and keep them out of what it keeps."""

import json

import pytest

from runyard.application.ports.executor import StartOrder
from runyard.domain.jobs.log import Stream

from .hosts import OnOneHost, a_ref

SECRET = "correct horse battery staple"
MASK = b"[masked]"


class MaskingContract(OnOneHost):
    """What any `Executor` must do with secrets; bind it with a fixture `machine`."""

    @pytest.mark.parametrize("kind", ["secrets", "secret_files"])
    def test_values_are_replaced_wherever_they_stand_and_counted(self, line, commands, kind):
        written = f"{SECRET} and {SECRET}{SECRET}; correct horse\n".encode()
        ref = line.run(commands.prints(written), **{kind: {"TOKEN": SECRET}})

        outcome = line.end_of(ref)
        assert line.printed(ref) == MASK + b" and " + MASK + MASK + b"; correct horse\n"
        assert outcome.masked == 3
        assert outcome.log_size == len(line.printed(ref))

    def test_a_value_that_comes_in_pieces_is_replaced(self, line, commands):
        parts = [b"a " + SECRET[:5].encode(), SECRET[5:20].encode(), SECRET[20:].encode() + b" b"]
        ref = line.run(commands.prints_slowly(parts), secrets={"TOKEN": SECRET})

        assert line.end_of(ref).masked == 1
        assert line.printed(ref) == b"a " + MASK + b" b"

    @pytest.mark.parametrize("before", [980, 995, 65_520, 65_536])
    def test_a_value_across_the_ends_of_what_is_read_at_once_is_replaced(self, line, commands, before):
        ref = line.run(commands.prints(b"x" * before + SECRET.encode()), secrets={"TOKEN": SECRET})

        assert line.end_of(ref).masked == 1
        assert line.printed(ref) == b"x" * before + MASK

    def test_the_beginning_of_a_value_is_shown_when_nothing_follows(self, line, commands):
        ref = line.run(commands.prints(b"correct horse"), secrets={"TOKEN": SECRET})

        assert line.end_of(ref).masked == 0
        assert line.printed(ref) == b"correct horse"

    def test_both_streams_are_masked_each_by_itself(self, line, commands):
        ref = line.run(commands.prints_on_both(b"o " + SECRET.encode(), b"e " + SECRET.encode()), secrets={"T": SECRET})

        assert line.end_of(ref).masked == 2
        assert line.printed(ref, Stream.STDOUT) == b"o " + MASK
        assert line.printed(ref, Stream.STDERR) == b"e " + MASK

    def test_reports_are_masked(self, line, commands):
        said = (json.dumps({"percent": 40.0, "message": f"uses {SECRET}"}), json.dumps({"result": {"key": [SECRET]}}))
        ref = line.run(commands.reports(*said), secrets={"TOKEN": SECRET})

        assert line.end_of(ref).masked == 2
        told = [event for event in line.heard if event.ref == ref]
        assert SECRET not in repr(told)
        results = [event.result for event in told if getattr(event, "result", None)]
        assert json.loads(results[-1]) == {"key": ["[masked]"]}

    def test_without_secrets_nothing_is_masked_and_nothing_is_counted(self, line, commands):
        ref = line.run(commands.prints(SECRET.encode()))

        assert line.end_of(ref).masked is None
        assert line.printed(ref) == SECRET.encode()

    def test_an_order_does_not_print_its_secrets(self):
        order = StartOrder(ref=a_ref(), command=("true",), secrets={"A": SECRET}, secret_files={"B": SECRET})
        assert SECRET not in f"{order} {order!r}"
