"""`runyard job rerun` with several ids, and with a filter."""

import json


def test_several_jobs_are_rerun_each_by_itself(runyard, server) -> None:
    server.job(), server.job()
    old = list(server.jobs)

    said = runyard("job", "rerun", old[0], "ffffffff", old[1])

    assert (said.code, said.out.split()) == (3, list(server.jobs)[2:])


def test_a_filter_reruns_what_has_finished_and_names_the_rest(runyard, server) -> None:
    server.job().becomes("failed")
    server.job()
    finished, waits = server.jobs

    said = runyard("job", "rerun", "--label", "a=b", "--state", "failed", "--yes")

    assert (said.code, said.out.split()) == (5, list(server.jobs)[2:])
    assert f"job {waits} has not finished" in said.err
    sent = server.requests[-1][3]
    assert (sent["label"], sent["state"], sent["dry_run"]) == ({"a": "b"}, ["failed"], False)
    assert server.jobs[said.out.strip()].view["rerun_of"] == finished


def test_a_call_that_broke_off_is_repeated_and_reruns_nothing_twice(runyard, server) -> None:
    server.job().becomes("failed")
    server.cut_submissions = 1

    said = runyard("job", "rerun", "--queue", "q", "--yes", "--json")

    assert said.code == 0
    assert [item["replayed"] for item in json.loads(said.out)["items"]] == [True]
    assert len(server.jobs) == 2


def test_without_a_terminal_nothing_is_rerun_unasked(runyard, server) -> None:
    assert runyard("job", "rerun", "--label", "a=b").code == 2
    assert runyard("job", "rerun").code == 2
    assert runyard("job", "rerun", "@last", "--label", "a=b").code == 2
    assert server.requests == []
