"""`runyard cancel` with a filter."""

import json


def test_a_filter_is_sent_as_it_is_meant(runyard, server) -> None:
    server.job(), server.job()

    said = runyard("cancel", "--label", "a=b", "--queue", "q", "--state", "queued", "--yes")

    assert (said.code, said.out.split()) == (0, list(server.jobs))
    sent = server.requests[-1][3]
    assert (sent["label"], sent["queue"], sent["state"], sent["dry_run"]) == ({"a": "b"}, "q", ["queued"], False)


def test_without_a_terminal_nothing_is_cancelled_unasked(runyard, server) -> None:
    server.job()

    assert runyard("cancel", "--label", "a=b").code == 2
    assert server.requests == []


def test_a_dry_run_only_tells(runyard, server) -> None:
    server.job()

    said = runyard("cancel", "--label", "a=b", "--dry-run", "--json")

    assert json.loads(said.out) == {"ids": list(server.jobs), "dry_run": True}
    assert server.requests[-1][3]["dry_run"] is True


def test_ids_and_a_filter_exclude_each_other(runyard) -> None:
    assert runyard("cancel", "@last", "--label", "a=b").code == 2


def test_ps_takes_the_same_filters(runyard, server) -> None:
    assert runyard("ps", "-a", "--label", "a=b", "--label", "c=d", "--created-after", "2030-01-31T12:00:00Z").code == 0
