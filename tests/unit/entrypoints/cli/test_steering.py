"""`runyard job pause|resume|force-finish`."""

import json

import pytest


@pytest.mark.parametrize(
    ("argv", "state"),
    [(("pause",), "paused"), (("resume",), "running"), (("force-finish", "--reason", "gone"), "failed")],
)
def test_the_state_is_told(runyard, server, argv, state) -> None:
    server.job()
    (job_id,) = server.jobs

    said = runyard("job", argv[0], job_id, *argv[1:])

    assert (said.code, said.rows[0][:2]) == (0, [job_id, state])
    assert server.requests[-1][1].endswith(f"/{argv[0]}")


def test_json_is_the_whole_job(runyard, server) -> None:
    server.job()

    assert json.loads(runyard("job", "pause", next(iter(server.jobs)), "--json").out)["state"] == "paused"


def test_a_rerun_prints_the_new_id_which_is_the_last(runyard, server, account) -> None:
    server.job()
    (old,) = server.jobs

    said = runyard("job", "rerun", old)

    assert (said.code, said.out.strip()) == (0, list(server.jobs)[-1])
    assert (account / "runyard" / "last-job").read_text().strip() == said.out.strip()
    assert server.requests[-1][2]["Idempotency-Key"]


def test_giving_up_needs_a_reason(runyard, server) -> None:
    server.job()

    assert runyard("job", "force-finish", next(iter(server.jobs))).code == 2
    assert server.requests == []
