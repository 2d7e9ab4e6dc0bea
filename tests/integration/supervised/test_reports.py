"""What jobs say of themselves through the file `RUNYARD_REPORT` names."""

import json
import time
from pathlib import Path
from statistics import median

import pytest

from runyard.application.ports.executor import Reported
from runyard.domain.jobs.attempt import Progress

from .yard import Yard, wait_for

pytestmark = pytest.mark.machine


def test_progress_is_told_while_the_job_runs_and_the_result_before_its_end(yard: Yard, tmp_path: Path) -> None:
    order = yard.order(
        f"""echo '{{"percent": 40, "message": "half"}}' >> "$RUNYARD_REPORT"
        while ! test -e {tmp_path}/go; do sleep 0.05; done
        echo '{{"result": {{"rows": 3}}}}' >> "$RUNYARD_REPORT" """
    )
    yard.start(order)
    yard.until(lambda: yard.of(order.ref).reports)
    assert yard.of(order.ref).reports == [Reported(order.ref, Progress(percent=40.0, message="half"))]

    (tmp_path / "go").touch()
    seen = yard.ended(order.ref)
    assert seen.reports[-1].progress == Progress(percent=40.0, message="half")
    assert json.loads(seen.reports[-1].result or "") == {"rows": 3}


def test_the_newest_report_is_told_again_to_who_comes_later(yard: Yard) -> None:
    seen = yard.run("""printf '{"percent": 1}\n{"percent": 2}\n{"result": [1]}' > "$RUNYARD_REPORT" """)
    assert len(seen.reports) == 1

    yard.reconnected()
    yard.resume(seen.ref)
    assert yard.ended(seen.ref).reports == seen.reports
    assert seen.reports[0] == Reported(seen.ref, Progress(percent=2.0), "[1]")

    yard.kill_supervisor()
    yard.reconnected()
    yard.pid()
    yard.resume(seen.ref)
    assert yard.ended(seen.ref).reports == seen.reports


def test_a_flood_of_reports_becomes_a_few(yard: Yard) -> None:
    script = """for i in $(seq 1 20000); do echo "{\\"percent\\": $((i / 200))}"; done >> "$RUNYARD_REPORT"
    sleep 0.6; echo '{"percent": 100}' >> "$RUNYARD_REPORT" """

    began = time.monotonic()
    seen = yard.run(script)
    took = time.monotonic() - began

    assert seen.reports[-1].progress == Progress(percent=100.0)
    assert len(seen.reports) <= 4 * took + 2, "four a second, and the last one"


def test_a_report_that_is_no_file_harms_nobody(yard: Yard) -> None:
    for script in (
        'mkfifo "$RUNYARD_REPORT"; sleep 0.6',
        'ln -s /etc/passwd "$RUNYARD_REPORT"; sleep 0.6',
        'mkdir "$RUNYARD_REPORT"; sleep 0.6',
        'head -c 3000000 /dev/urandom > "$RUNYARD_REPORT"; sleep 0.6',
        'truncate -s 1T "$RUNYARD_REPORT"; sleep 0.6',
    ):
        seen = yard.run(script)
        assert (seen.outcome.exit_code, seen.reports) == (0, [])
    wait_for(lambda: not any(name.startswith("a/") for name in yard.files()))


def test_a_flood_of_reports_of_many_jobs_delays_nobody(yard: Yard) -> None:
    script = """exec python3 -c "import os
file = open(os.environ['RUNYARD_REPORT'], 'a')
while True: file.write('{}\\n' * 100000)" """
    orders = [yard.order(script, run_timeout=2.0, grace_period=0.1) for _ in range(8)]
    yard.start(*orders)
    waits = []
    while not all(yard.of(order.ref).last for order in orders):
        waits.append(yard.answers_within())
        yard.collect()

    assert median(waits) < 1.0, waits


def test_what_a_job_leaves_beside_its_script_is_cleared_away(yard: Yard) -> None:
    seen = yard.run('cd "$(dirname "$0")"; mkdir -p a/b; seq 1 500 | xargs touch; rm -f "$0"')

    assert seen.outcome.exit_code == 0
    wait_for(lambda: not any(name.startswith("a/") for name in yard.files()))
