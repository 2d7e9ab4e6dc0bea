"""`runyard submit --batch`: a job on each line."""

import json

import pytest


@pytest.fixture
def file(tmp_path):
    def write(*lines: str) -> str:
        path = tmp_path / "jobs.jsonl"
        path.write_text("\n".join(lines) + "\n")
        return str(path)

    return write


def test_the_ids_are_printed_in_the_order_of_the_lines(runyard, server, file) -> None:
    said = runyard("submit", "--batch", file('{"command": ["one"]}', "", '{"command": "two", "queue": "q"}'))

    assert (said.code, said.err) == (0, "")
    assert said.out.split() == list(server.jobs)
    assert [job.view["command"] for job in server.jobs.values()] == [["one"], "two"]


def test_options_are_for_the_lines_that_leave_them_out(runyard, server, file) -> None:
    lines = file('{"command": ["one"], "queue": "own"}', '{"command": ["two"]}')

    runyard("submit", "--batch", lines, "--queue", "all", "--cwd", "/")

    assert [(job.view["queue"], job.view["cwd"]) for job in server.jobs.values()] == [("own", "/"), ("all", "/")]


def test_a_refused_line_is_named_and_hinders_no_other(runyard, server, file) -> None:
    said = runyard("submit", "--batch", file('{"command": ["one"]}', "", '{"command": "refused"}', '{"command": "z"}'))

    assert said.code == 2
    assert said.err == "runyard: line 3: no; /command: is refused\n"
    assert said.out.split() == list(server.jobs)


def test_json_tells_all_of_it(runyard, server, file) -> None:
    said = runyard("submit", "--json", "--batch", file('{"command": ["one"]}', '{"command": "refused"}'))

    first, second = json.loads(said.out)
    assert first == {"line": 1, "id": next(iter(server.jobs)), "replayed": False, "error": None}
    assert second["error"]["errors"] == [{"pointer": "/command", "detail": "is refused"}]


def test_only_the_end_of_a_line_ends_a_line(runyard, server, file) -> None:
    said = runyard("submit", "--batch", file('{"command": ["a\u2028b", "c\x85d"]}\r', '{"command": ["e"]}'))

    assert (said.code, said.err) == (0, "")
    assert [job.view["command"] for job in server.jobs.values()] == [["a\u2028b", "c\x85d"], ["e"]]


@pytest.mark.parametrize(
    "line",
    [
        *("{", "[]", "7", '{"name": "x"}'),
        *('{"command": "x", "run_timeout": NaN}', '{"command": "x", "run_timeout": 1e999}', '{"command": "\\ud800"}'),
    ],
)
def test_a_line_that_is_no_job_is_named_before_anything_is_sent(runyard, server, file, line) -> None:
    said = runyard("submit", "--batch", file('{"command": ["one"]}', line))

    assert said.code == 2
    assert "line 2" in said.err
    assert server.requests == []


def test_a_batch_and_a_command_exclude_each_other(runyard, file) -> None:
    assert runyard("submit", "--batch", file("{}"), "--", "true").code == 2


def test_the_last_one_is_the_last(runyard, file, account) -> None:
    said = runyard("submit", "--batch", file('{"command": ["one"]}', '{"command": ["two"]}'))

    assert (account / "runyard" / "last-job").read_text().strip() == said.out.split()[-1]
