"""`run`: the job's output, the job's exit code, and Ctrl-C with manners."""

import json
import os
import pty
import signal
import time

import pytest


def ends(state, **rest):
    return lambda job: job.becomes(state, **rest)


def test_output_passes_byte_for_byte_each_on_its_own_stream(runyard, server) -> None:
    def script(job) -> None:
        job.becomes("running")
        job.writes(b"out \xff\x00")
        job.writes(b"err\r", "stderr")
        job.writes("ü".encode())
        job.becomes("succeeded", exit_code=0)

    server.on_submit = script

    said = runyard("run", "--", "prog")

    assert (said.code, said.raw, said.raw_err) == (0, b"out \xff\x00\xc3\xbc", b"err\r")


@pytest.mark.parametrize(
    ("state", "facts", "code"),
    [
        ("succeeded", {"exit_code": 0}, 0),
        ("failed", {"reason": "exit_code", "exit_code": 1}, 1),
        ("failed", {"reason": "exit_code", "exit_code": 255}, 255),
        ("failed", {"reason": "signal", "signal": 9}, 137),
        ("failed", {"reason": "timeout", "signal": 15}, 124),
        ("failed", {"reason": "timeout", "exit_code": 0}, 124),
        ("failed", {"reason": "start_failed", "exit_code": 127}, 127),
        ("failed", {"reason": "start_failed", "exit_code": 126}, 126),
        ("failed", {"reason": "start_failed"}, 125),
        ("failed", {"reason": "lost"}, 125),
        ("failed", {"reason": "crash_limit"}, 125),
        ("failed", {"reason": "expired"}, 125),
        ("failed", {"reason": "log_limit", "signal": 15}, 125),
        ("failed", {"reason": "something_new", "exit_code": 3}, 125),
        ("cancelled", {"reason": "cancelled", "signal": 15}, 125),
    ],
)
def test_it_exits_as_the_job_did(runyard, server, state, facts, code) -> None:
    server.on_submit = ends(state, message="it is so", **facts)

    said = runyard("run", "--", "prog")

    assert said.code == code
    own = facts.get("reason") in (None, "exit_code", "signal")
    assert ("it is so" in said.err) is not own


def test_quiet_leaves_nothing_but_the_output(runyard, server) -> None:
    server.on_submit = ends("failed", reason="timeout")

    said = runyard("run", "--quiet", "--", "prog")

    assert (said.code, said.out, said.err) == (124, "", "")


def test_json_is_a_line_per_event_and_the_end_is_last(runyard, server) -> None:
    def script(job) -> None:
        job.writes(b"hello\n")
        job.becomes("failed", reason="exit_code", exit_code=4)

    server.on_submit = script

    said = runyard("run", "--json", "--", "prog")

    events = [json.loads(line) for line in said.out.splitlines()]
    assert said.code == 4
    assert (events[0]["data"], events[-1]["event"], events[-1]["job"]["exit_code"]) == ("hello\n", "end", 4)


def test_it_goes_through_retries(runyard, server) -> None:
    def script(job) -> None:
        job.writes(b"first\n", attempt=1)
        job.becomes("pending", reason="backing_off")
        job.log.clear()
        job.writes(b"second\n", attempt=2)
        job.becomes("succeeded", attempt=2)

    server.on_submit = script

    assert runyard("run", "--retries", "1", "--", "prog").raw == b"first\nsecond\n"


@pytest.mark.parametrize("status", [401, 422, 500])
def test_a_job_that_is_not_accepted_is_125(runyard, server, status) -> None:
    server.refusals.append((status, {"detail": "no"}))

    said = runyard("run", "--", "prog")

    assert said.code == 125
    assert "Next: " in said.err


def test_ctrl_c_right_after_it_was_accepted_says_which_job_goes_on(runyard, server, monkeypatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("runyard.entrypoints.cli.run.warn", interrupted)  # between the answer and the first look

    said = runyard("run", "--", "prog")

    (job,) = server.jobs
    assert said.code == 130
    assert said.err == f"runyard: no longer watching job {job}; see it with `runyard job show {job}`\n"


def test_a_server_that_is_away_is_125_and_wrong_usage_is_2(runyard, server) -> None:
    server.kill()

    assert runyard("run", "--", "prog").code == 125
    assert runyard("run").code == 2


def until(condition, seconds=60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def followed(server) -> bool:
    return any(path.endswith("/stream") for _, path, _, _ in server.requests)


def test_ctrl_c_without_a_terminal_cancels_and_shows_the_rest(server, started) -> None:
    child = started("run", "--", "sleep", "60")
    until(lambda: followed(server))
    child.send_signal(signal.SIGINT)

    _, err = child.communicate(timeout=60)

    (job,) = server.jobs.values()
    assert (child.returncode, job.view["state"]) == (130, "cancelled")
    assert b"cancelling" in err


def test_a_second_ctrl_c_stops_watching(server, started) -> None:
    def stubborn(job) -> None:
        job.stubborn = True

    server.on_submit = stubborn
    child = started("run", "--", "sleep", "60")
    until(lambda: followed(server))
    child.send_signal(signal.SIGINT)
    while b"Ctrl-C again stops watching" not in (line := child.stderr.readline()):
        assert line, "it never said what a second Ctrl-C does"
    child.send_signal(signal.SIGINT)

    assert b"no longer watching" in child.stderr.read()
    assert child.wait(timeout=60) == 130


def on_a_terminal(server, started):
    """`run` on a terminal, asked by a first Ctrl-C: the process and our end of the terminal."""
    ours, theirs = pty.openpty()
    child = started("run", "--", "sleep", "60", stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    until(lambda: followed(server))
    child.send_signal(signal.SIGINT)
    seen = b""
    while b"[d]etach" not in seen:
        seen += os.read(ours, 4096)
    return child, ours


@pytest.mark.parametrize(
    ("answer", "state"), [(b"d\n", "queued"), (b"c\n", "cancelled"), (b"detach\n", "queued"), (None, "cancelled")]
)
def test_ctrl_c_on_a_terminal_asks_and_a_second_one_cancels(server, started, answer, state) -> None:
    child, ours = on_a_terminal(server, started)
    if answer is None:
        child.send_signal(signal.SIGINT)
    else:
        os.write(ours, answer)

    assert child.wait(60) == 130
    (job,) = server.jobs.values()
    assert job.view["state"] == state


def test_who_neither_leaves_nor_cancels_goes_on_watching(server, started) -> None:
    child, ours = on_a_terminal(server, started)
    os.write(ours, b"\n")
    time.sleep(0.2)
    next(iter(server.jobs.values())).becomes("failed", reason="exit_code", exit_code=7)

    assert child.wait(60) == 7


def test_a_restarted_server_goes_unnoticed(server, started) -> None:
    child = started("run", "--", "prog")
    until(lambda: followed(server))
    (job,) = server.jobs.values()
    job.writes(b"before\n")
    port = server.port
    server.kill()
    job.writes(b"after\n")
    job.becomes("succeeded")
    server.start(port)

    out, err = child.communicate(timeout=60)

    assert (child.returncode, out, err) == (0, b"before\nafter\n", b"")


def test_a_reader_that_leaves_takes_the_job_with_it(server, started) -> None:
    child = started("run", "--", "yes")
    until(lambda: followed(server))
    (job,) = server.jobs.values()
    job.writes(b"y\n")
    assert child.stdout is not None
    child.stdout.readline()
    child.stdout.close()
    job.writes(b"y\n")

    assert child.wait(60) == 141
    assert job.view["state"] == "cancelled"
