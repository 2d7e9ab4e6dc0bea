"""A submission that got no answer is the same submission when the command is run again."""

import os
import signal
import time

import pytest

COMMAND = ("submit", "--cwd", "/", "--", "true")


@pytest.fixture
def kept(account):
    """The submissions that are on disk."""
    return lambda: sorted((account / "runyard" / "submissions").iterdir())


def keys(server) -> list[str]:
    return [headers["Idempotency-Key"] for method, _, headers, _ in server.requests if method == "POST"]


def interrupted(started, server, *argv: str, by: int = signal.SIGKILL) -> str:
    """The command is killed while it waits for its answer; what it said."""
    sent = len(server.requests)
    hang = server.hang_submissions
    server.hang_submissions = True
    process = started(*argv)
    for _ in range(3000):
        if len(server.requests) > sent:
            break
        time.sleep(0.02)
    assert len(server.requests) > sent
    process.send_signal(by)
    _, said = process.communicate(timeout=60)
    server.hang_submissions = hang
    return str(said.decode())


def test_f1_a_command_killed_before_its_answer_is_one_job_when_it_is_run_again(started, runyard, server, kept) -> None:
    interrupted(started, server, *COMMAND)
    assert len(kept()) == 1

    said = runyard(*COMMAND)

    assert said.code == 0
    assert "got no answer before" in said.err
    assert len(server.jobs) == 1
    assert said.out.strip() in server.jobs
    assert kept() == []


def test_ctrl_c_before_its_answer_says_what_is_not_known(started, server, kept) -> None:
    said = interrupted(started, server, *COMMAND, by=signal.SIGINT)

    assert said == "runyard: it is not known whether that was done; the same command again does it once\n"
    assert len(kept()) == 1


def test_another_command_is_another_job(started, runyard, server, kept) -> None:
    interrupted(started, server, *COMMAND)

    assert runyard("submit", "--cwd", "/", "--", "false").code == 0

    assert len(server.jobs) == 2
    assert len(kept()) == 1


def test_the_same_command_twice_is_two_jobs_once_the_first_was_answered(runyard, server, kept) -> None:
    assert [runyard(*COMMAND).code for _ in range(2)] == [0, 0]

    assert len(server.jobs) == 2
    assert kept() == []


def test_the_same_command_twice_at_once_is_two_jobs(started, runyard, server) -> None:
    server.hang_submissions = True
    process = started(*COMMAND)
    for _ in range(3000):
        if server.requests:
            break
        time.sleep(0.02)
    server.hang_submissions = False

    assert runyard(*COMMAND).code == 0
    process.kill()

    assert len(set(keys(server))) == 2


def test_a_refused_submission_is_not_kept(runyard, server, kept) -> None:
    server.refusals.append((422, {"type": "urn:runyard:problem:invalid-job", "detail": "no"}))

    assert runyard(*COMMAND).code == 2
    assert kept() == []


def test_a_failure_inside_the_server_keeps_the_key(runyard, server, kept) -> None:
    server.refusals.append((503, {"type": "urn:runyard:problem:store-unavailable", "detail": "no"}))

    assert runyard(*COMMAND).code == 6
    assert len(kept()) == 1
    assert runyard(*COMMAND).code == 0
    assert len(set(keys(server))) == 1


def test_one_of_yesterday_is_forgotten(started, runyard, server, kept) -> None:
    interrupted(started, server, *COMMAND)
    (file,) = kept()
    os.utime(file, (time.time() - 86400,) * 2)

    assert runyard(*COMMAND).code == 0

    assert len(server.jobs) == 2
    assert kept() == []


def test_one_of_another_process_that_is_answered_meanwhile_hinders_nothing(started, server, kept, account) -> None:
    folder = account / "runyard" / "submissions"
    folder.mkdir(parents=True)
    (folder / "0-gone").symlink_to("nowhere")  # there when we look which there are, and not when we look at it

    interrupted(started, server, *COMMAND)

    assert len(kept()) == 2


def test_without_a_place_to_keep_it_it_is_submitted_all_the_same(runyard, server, account) -> None:
    account.write_text("in the way")

    assert runyard(*COMMAND).code == 0
    assert len(server.jobs) == 1
