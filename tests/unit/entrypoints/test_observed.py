from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from runyard.domain.jobs.errors import JobNotFound
from runyard.entrypoints.wiring.observed import Observed, snake_case

Lines = list[MutableMapping[str, Any]]


class CancelJob:
    def execute(self, command: str, /) -> str:
        if command == "unknown":
            raise JobNotFound("x")
        if command == "broken":
            raise ZeroDivisionError
        return command


@pytest.fixture
def lines() -> Iterator[Lines]:
    structlog.reset_defaults()
    with capture_logs() as lines:
        yield lines
    structlog.reset_defaults()


def test_a_use_case_is_one_line_with_its_timing(lines: Lines) -> None:
    assert Observed(CancelJob()).execute("fine") == "fine"

    (line,) = lines
    assert (line["use_case"], line["outcome"], line["log_level"]) == ("cancel_job", "done", "info")
    assert line["took_ms"] >= 0


def test_a_refusal_is_told_by_its_code(lines: Lines) -> None:
    with pytest.raises(JobNotFound):
        Observed(CancelJob()).execute("unknown")

    assert lines[0]["outcome"] == "job-not-found"


def test_a_fault_is_an_error(lines: Lines) -> None:
    with pytest.raises(ZeroDivisionError):
        Observed(CancelJob()).execute("broken")

    assert (lines[0]["outcome"], lines[0]["log_level"]) == ("fault", "error")


def test_what_was_asked_is_never_in_the_log(lines: Lines) -> None:
    Observed(CancelJob()).execute("a secret")

    assert "a secret" not in repr(lines)


def test_names_are_told_the_way_files_are_called() -> None:
    assert snake_case("ReportOutcomes") == "report_outcomes"
