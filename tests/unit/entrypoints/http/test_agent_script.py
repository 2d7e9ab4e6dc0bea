"""An order as a script, run by a shell as a runner in a page of it would."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from runyard.application.ports.executor import StartOrder
from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.entrypoints.http.agent_script import as_script

REF = AttemptRef(JobId("0198c0de-0000-7000-8000-000000000001"), 2)
Run = Callable[[StartOrder], str]


@pytest.fixture(params=["in its folder", "from elsewhere"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """What the process says; the script is named from its own folder, or in full."""
    folder = tmp_path / "it's here"
    folder.mkdir()

    def ran(order: StartOrder) -> str:
        script = folder / "job.sh"
        script.write_text(as_script(order))
        near = request.param == "in its folder"
        command = ["sh", script.name if near else str(script)]
        return subprocess.run(command, cwd=folder if near else "/", capture_output=True, text=True, check=True).stdout

    return ran


def test_what_is_kept_beside_the_script_is_found_wherever_the_job_runs(run: Run) -> None:
    order = StartOrder(
        ref=REF, command='pwd; cat; cat "$KEY"', cwd="/usr", stdin="it's given\n", secret_files={"KEY": "a 'secret'\n"}
    )

    assert run(order) == "/usr\nit's given\na 'secret'\n"


def test_a_process_knows_which_attempt_it_is(run: Run) -> None:
    order = StartOrder(ref=REF, command=("sh", "-c", 'echo "$RUNYARD_JOB_ID $RUNYARD_ATTEMPT $A"'), env={"A": "'"})

    assert run(order) == f"{REF.job_id} 2 '\n"


def test_an_argv_stays_as_it_is(run: Run) -> None:
    assert run(StartOrder(ref=REF, command=("printf", "%s|", "", "a b", "$HOME", "-n"))) == "|a b|$HOME|-n|"
