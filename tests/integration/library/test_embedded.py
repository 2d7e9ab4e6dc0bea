import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import runyard
from runyard.application.accounts.guard import Always
from runyard.domain.accounts.access import Actor
from runyard.domain.accounts.permissions import Role
from runyard.entrypoints.client.errors import RunyardClientError, WaitTimedOut
from runyard.entrypoints.embedded.yard import EmbeddedYard
from tests.integration.server import processes_with, until
from tests.integration.wellness import assert_all_is_well

MARK = f"embedded-{uuid4()}"


@pytest.fixture(scope="module")
def yard():
    with runyard.embedded(slots=2) as yard:
        yield yard
        assert isinstance(yard, EmbeddedYard)
        assert_all_is_well(yard._container.adapters.read())


def test_a_job_runs_and_its_output_and_end_are_known(yard: EmbeddedYard) -> None:
    job = yard.submit(["sh", "-c", "echo out; echo err >&2; exit 3"], name="first")

    done = yard.wait(job, timeout=60)

    assert (done.state, done.exit_code, done.name, done.runner) == ("failed", 3, "first", "local")
    assert b"".join(yard.logs(job, stream="stderr")) == b"err\n"
    assert sorted(b"".join(yard.logs(job)).splitlines()) == [b"err", b"out"]
    (attempt,) = yard.attempts(job)
    assert (attempt.ending, attempt.log_size, attempt.end_confirmed) == ("exit", 8, True)


def test_output_is_followed_through_all_attempts(yard: EmbeddedYard) -> None:
    job = yard.submit('echo "try $RUNYARD_ATTEMPT"; exit 1', retry={"max_attempts": 3, "backoff": {"initial": 0.05}})

    assert b"".join(yard.logs(job, follow=True)) == b"try 1\ntry 2\ntry 3\n"
    assert b"".join(yard.logs(job)) == b"try 3\n"
    assert b"".join(yard.logs(job, attempt=2)) == b"try 2\n"
    assert yard.get(job.id).attempt == 3


def test_secrets_are_set_used_rotated_and_removed_in_this_process(yard: EmbeddedYard) -> None:
    secret = yard.secrets.set("db", "correct horse")
    assert (secret.version, [each.name for each in yard.secrets.list()]) == (1, ["db"])
    assert yard.secrets.rotate_key(renew=True).resealed == 1
    job = yard.wait(yard.submit('echo "$T"', secrets={"T": "db"}), timeout=60)

    assert b"".join(yard.logs(job)) == b"[masked]\n"
    assert [attempt.masked for attempt in yard.attempts(job)] == [1]
    yard.secrets.remove("db")
    for act in (lambda: yard.secrets.remove("db"), lambda: yard.rerun(job), lambda: yard.secrets.set("x", "short")):
        with pytest.raises(RunyardClientError):
            act()


def test_a_retry_starts_at_its_moment_and_not_at_the_next_tick(yard: EmbeddedYard) -> None:
    job = yard.submit("exit 1", retry={"max_attempts": 2, "backoff": {"initial": 0.1}})
    yard.wait(job, timeout=60)

    first, second = yard.attempts(job)

    assert first.ended_at is not None
    assert second.claimed_at is not None
    assert (second.claimed_at - first.ended_at).total_seconds() >= 0.1


def test_a_running_job_is_cancelled_with_its_whole_tree(yard: EmbeddedYard) -> None:
    job = yard.submit("setsid sleep 300 & echo ready; sleep 300", env={"MARK": MARK})
    until(lambda: b"".join(yard.logs(job)) == b"ready\n")

    yard.cancel(job)
    done = yard.wait(job, timeout=60)

    assert (done.state, done.end_confirmed, done.cancel_requested) == ("cancelled", True, True)
    assert processes_with(MARK) == []


def test_waiting_has_an_end(yard: EmbeddedYard) -> None:
    job = yard.submit(["sleep", "30"])

    with pytest.raises(WaitTimedOut):
        yard.wait(job, timeout=0.2)

    yard.cancel(job)
    assert yard.wait(job, timeout=60).state == "cancelled"


def test_progress_and_result_of_a_job_are_values(yard: EmbeddedYard) -> None:
    said = '{"percent": 50, "message": "half"}\\n{"result": {"files": [1, 2]}}'

    done = yard.wait(yard.submit(f"printf '{said}\\n' >> $RUNYARD_REPORT"), timeout=60)

    assert done.progress is not None
    assert (done.progress.percent, done.progress.message) == (50, "half")
    assert done.result == {"files": [1, 2]}


def test_what_a_job_says_may_be_any_text(yard: EmbeddedYard) -> None:
    said = r"""
        {"message": "nul \u0000 and half \ud800 a character"}
        {"result": "\u0000\ud800"}
    """

    done = yard.wait(yard.submit('cat >> "$RUNYARD_REPORT"', stdin=said), timeout=60)

    assert (done.state, done.result) == ("succeeded", "\x00?")
    assert done.progress is not None
    assert done.progress.message is not None
    assert done.progress.message.startswith("nul")


def test_jobs_are_listed_newest_first(yard: EmbeddedYard) -> None:
    jobs = [yard.wait(yard.submit(["true"]), timeout=60) for _ in range(3)]

    assert [job.id for job in yard.list(limit=3)] == [job.id for job in reversed(jobs)]
    assert [job.id for job in yard.list(id_part=jobs[0].id[-8:])] == [jobs[0].id]
    assert all(job.state == "succeeded" for job in yard.list(state="succeeded", limit=5))


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"command": []}, "/command"),
        ({"command": ["true"], "colour": "red"}, "/colour"),
        ({"command": ["true"], "run_timeout": float("nan")}, "/run_timeout"),
        ({"command": ["true"], "retry": {"max_attempts": True}}, "/retry/max_attempts"),
    ],
)
def test_a_wrong_job_is_refused_field_by_field(yard: EmbeddedYard, asked: dict[str, Any], pointer: str) -> None:
    with pytest.raises(RunyardClientError) as refused:
        yard.submit(asked.pop("command"), **asked)

    assert [each for each, _ in refused.value.errors] == [pointer]


def test_unknown_jobs_states_and_streams_are_refused_by_name(yard: EmbeddedYard) -> None:
    for call in (
        lambda: yard.get("nope"),
        lambda: list(yard.list(state="asleep")),
        lambda: list(yard.logs("nope", stream="stdfoo")),
        lambda: yard.cancel("nope"),
    ):
        with pytest.raises(RunyardClientError) as refused:
            call()
        assert refused.value.advice


def test_leaving_a_temporary_yard_leaves_nothing() -> None:
    with runyard.embedded() as yard:
        job = yard.submit(["sleep", "300"], env={"MARK": f"{MARK}-left"})
        until(lambda: yard.get(job.id).state == "running")

    assert processes_with(f"{MARK}-left") == []


def test_leaving_a_temporary_yard_waits_for_nobody_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runyard.entrypoints.embedded.starting._PATIENCE_SECONDS", 1.0)

    def fail_beside_a_stubborn_job() -> None:
        with runyard.embedded() as yard:
            job = yard.submit("trap '' TERM; echo ready; sleep 300", env={"MARK": f"{MARK}-stubborn"}, grace_period=600)
            until(lambda: b"".join(yard.logs(job)) == b"ready\n")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_beside_a_stubborn_job()

    assert processes_with(f"{MARK}-stubborn") == []


def test_a_yard_with_a_directory_is_taken_up_again(tmp_path: Path) -> None:
    with runyard.embedded(tmp_path, slots=1) as yard:
        job = yard.submit(f"until test -e {tmp_path}/go; do sleep 0.1; done; echo done")
        until(lambda: yard.get(job.id).state == "running")
    (tmp_path / "go").touch()

    with runyard.embedded(tmp_path) as yard:
        assert yard.wait(job, timeout=60).attempt == 1
        assert b"".join(yard.logs(job)) == b"done\n"


def test_two_yards_cannot_share_a_directory(tmp_path: Path) -> None:
    with (
        runyard.embedded(tmp_path),
        pytest.raises(RunyardClientError, match="another Runyard"),
        runyard.embedded(tmp_path),
    ):
        pass


def test_a_submission_repeated_under_its_key_is_the_same_job(yard: EmbeddedYard) -> None:
    first, again = (yard.submit(["true"], idempotency_key="once") for _ in range(2))

    assert (again.id, again.replayed, first.replayed) == (first.id, True, False)
    with pytest.raises(RunyardClientError) as refused:
        yard.submit(["false"], idempotency_key="once")
    assert refused.value.code == "idempotency-mismatch"


def test_many_jobs_are_submitted_at_once_each_with_its_own_answer(yard: EmbeddedYard) -> None:
    good, bad, keyed = yard.submit_many(
        [{"command": ["true"]}, {"command": []}, {"command": ["true"], "idempotency_key": "k"}]
    )

    assert bad.error is not None
    assert bad.error.errors == (("/command", "needs at least the name of a program"),)
    assert yard.submit(["true"], idempotency_key="k").id == keyed.id
    assert good.id is not None
    assert yard.wait(good.id, timeout=60).succeeded


def test_a_paused_job_writes_nothing_until_it_is_resumed(yard: EmbeddedYard) -> None:
    job = yard.submit("for i in $(seq 1000); do echo $i; sleep 0.05; done", run_timeout=120)
    until(lambda: b"".join(yard.logs(job)))
    assert yard.pause(job).state == "paused"

    until(lambda: _stands_still(yard, job))
    written = b"".join(yard.logs(job))
    assert yard.get(job.id).state == "paused"
    assert yard.resume(job).state == "running"

    until(lambda: len(b"".join(yard.logs(job))) > len(written))
    yard.pause(job)
    yard.cancel(job)
    assert yard.wait(job, timeout=60).state == "cancelled"


def test_a_force_finished_job_leaves_no_process(yard: EmbeddedYard) -> None:
    mark = f"{MARK}-forced"
    job = yard.submit("setsid sleep 300 & echo ready; sleep 300", env={"MARK": mark})
    until(lambda: b"".join(yard.logs(job)) == b"ready\n")

    forced = yard.force_finish(job, "given up")

    assert (forced.state, forced.reason, forced.message) == ("failed", "forced", "given up")
    until(lambda: processes_with(mark) == [])


def _stands_still(yard: EmbeddedYard, job: runyard.Job) -> bool:
    before = b"".join(yard.logs(job))
    time.sleep(0.5)
    return b"".join(yard.logs(job)) == before


def test_the_yard_is_guarded_by_the_same_rules_as_the_api(yard: EmbeddedYard) -> None:
    yard.projects.create("other")
    theirs = yard.submit(["true"], project="other")
    ada = Always(Actor(name="ada", roles={"default": Role.VIEWER}))
    viewer = EmbeddedYard(yard._container, ada)

    assert theirs.id not in {job.id for job in viewer.list()}
    for act in (viewer.get, viewer.cancel, viewer.explain, viewer.attempts, viewer.wait):
        with pytest.raises(RunyardClientError, match="no job has the id"):
            act(theirs.id)
    with pytest.raises(RunyardClientError, match="permission 'submit'"):
        viewer.submit(["true"])
    yard.cancel(theirs)


def test_limits_of_a_project_are_set_shown_and_kept(yard: EmbeddedYard) -> None:
    made = yard.projects.create("limited")
    yard.projects.limit("limited", queued=1)
    yard.projects.limit("limited", owner="*", submissions_per_minute=100)
    yard.submit(["true"], project="limited", not_before="2099-01-01T00:00:00Z")

    with pytest.raises(RunyardClientError, match="limit of queued jobs of project 'limited': 1 of 1") as refused:
        yard.submit(["true"], project="limited")

    whole, each = yard.projects.get("limited").limits
    assert refused.value.code == "queued-limit-reached"
    assert made.limits == ()
    assert (whole.set["queued"], whole.in_force["queued"], whole.queued, whole.running) == (1, 1, 1, 0)
    assert (each.owner, each.in_force["submissions_per_minute"]) == ("*", 100)
    yard.projects.limit("limited", queued=None)
    assert yard.projects.get("limited").limits[0].in_force["queued"] is None
    yard.cancel_many(project="limited")
