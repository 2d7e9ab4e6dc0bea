"""Submitting many jobs from Python."""

from runyard.entrypoints.client.batches import batches
from runyard.entrypoints.client.fields import JobRequest

JOB: JobRequest = {"command": ["true"]}


def test_each_job_is_answered_in_its_place(client, server) -> None:
    answers = list(client.submit_many([JOB, {"command": "refused"}, {"command": ("a", "b"), "name": "third"}]))

    assert [answer.index for answer in answers] == [0, 1, 2]
    assert [answer.id for answer in answers if answer.id] == list(server.jobs)
    assert str(answers[1].error) == "no; /command: is refused"
    assert server.jobs[answers[2].id].view["name"] == "third"


def test_repeating_the_whole_makes_no_second_job(client) -> None:
    first = list(client.submit_many([JOB, JOB], idempotency_key="k"))
    again = list(client.submit_many([JOB, JOB, JOB], idempotency_key="k"))

    assert [answer.id for answer in again[:2]] == [answer.id for answer in first]
    assert [answer.replayed for answer in again] == [True, True, False]


def test_a_batch_is_no_longer_than_a_server_takes() -> None:
    parts = list(batches([JOB] * 12_000, "k"))

    assert [len(part) for part in parts] == [5000, 5000, 2000]
    assert [part[0]["idempotency_key"] for part in parts] == ["k/0", "k/5000", "k/10000"]


def test_a_batch_is_no_larger_than_a_server_takes() -> None:
    large: JobRequest = {"command": "x" * (1 << 20)}

    assert [len(part) for part in batches([large] * 20, "k")] == [7, 7, 6]


def test_a_key_of_its_own_stays_and_none_stays_none_without_one_for_all() -> None:
    mine: JobRequest = {"command": ["true"], "idempotency_key": "mine"}

    assert [job["idempotency_key"] for job in next(batches([JOB, mine], "k"))] == ["k/0", "mine"]
    assert next(batches([JOB], None)) == [JOB]


def test_no_jobs_are_no_request(client, server) -> None:
    assert list(client.submit_many([])) == []
    assert server.requests == []
