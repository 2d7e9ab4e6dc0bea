"""How an agent says things: so that a server takes them."""

import json

from runyard.application.jobs.report_outcomes import FencedFact
from runyard.application.ports.executor import Broken, Ended, Reported
from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.entrypoints.agent.telling import report_body, requests_of
from runyard.entrypoints.http.agent_bodies import ReportBody
from runyard.entrypoints.http.agent_door import MOST_BODY_BYTES

REF = AttemptRef(JobId("0198c0de-0000-7000-8000-000000000001"), 1)


def test_a_sentence_about_a_long_path_is_no_longer_than_a_server_takes() -> None:
    ended = Ended(REF, Outcome(ending=Ending.START_FAILED, message="cannot start " + "x" * 100_000))
    broken = Broken(REF, "x" * 100_000, None)

    for fact in (ended, broken):
        body = report_body(FencedFact(fact, 1))
        assert len(body["message"]) == 4000
        assert ReportBody(**body).fact.fence == 1


def test_large_results_go_in_as_many_requests_as_it_takes() -> None:
    result = json.dumps(['"' * 100_000])
    reports = [report_body(FencedFact(Reported(REF, None, result), number)) for number in range(30)]
    parts = [*requests_of(reports)]

    assert [report for part in parts for report in part] == reports
    assert 1 < len(parts) < len(reports)
    assert max(len(json.dumps({"reports": part})) for part in parts) < MOST_BODY_BYTES


def test_what_is_small_goes_in_one_request_and_what_is_nothing_in_none() -> None:
    small = [report_body(FencedFact(Reported(REF, None, "1"), number)) for number in range(1000)]

    assert [len(part) for part in requests_of(small)] == [1000]
    assert [*requests_of([])] == []
