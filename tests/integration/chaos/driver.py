"""The chaos driver: a house, a load, a nemesis, and a judge over what was told, witnessed and stored."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from runyard.adapters.sql.store import open_store
from runyard.domain.jobs.attempt import Ending
from runyard.domain.jobs.states import FINAL_STATES, JobState
from runyard.domain.observability.book import JobBook
from runyard.entrypoints.client.errors import RunyardClientError, passing
from tests.integration.server import processes_with
from tests.integration.wellness import hits

from .callers import Callers
from .history import History
from .house import House
from .judge import Answers, Judge, Verdict, books_in
from .load import Said, Wanted
from .nemesis import Nemesis
from .plan import Plan

_REPLAYED = 50
_READERS = 4


def run_chaos(house: House, plan: Plan, folder: Path) -> None:
    """All of it; prints what happened, and fails if a promise was broken."""
    dice, began = random.Random(plan.seed), time.monotonic()  # noqa: S311 - a seed must give the same run again
    witness, mark = folder / "witness", f"chaos-{uuid4().hex}"
    witness.mkdir()
    load = [Wanted.by_chance(number, dice) for number in range(plan.jobs)]
    history, nemesis = History(folder / "history.jsonl"), Nemesis(house, plan)
    callers = Callers(house, history, witness, mark)
    with house.meanwhile(plan):
        threads = callers.submit_all(load, nemesis.progress, plan.seed)
        nemesis.strike()
        callers.join(threads)
        ended = _all_end(house, dice, 120 + plan.jobs / 10)
        left = processes_with(mark) if ended else []
        callers.repeat(dice.sample(load, min(_REPLAYED, len(load))), dice)
    seconds = time.monotonic() - began

    history.close()
    answers, store = Answers.of(history.lines()), open_store(house.database_url, connections=2)
    try:
        books: dict[str, JobBook] = {book.job.id: book for book in books_in(store)}
        broken = hits(store.read)
    finally:
        store.close()
    verdict = Judge(answers, Said.within(witness), house.harms()).judge(load, books)
    verdict.wrong += _garbled(house, load, answers, books)
    print("\n".join(_summary(plan, house, nemesis, answers, verdict)))
    print(f"{len(broken)} invariant hits, {len(left)} processes left, {seconds:.0f} s")
    verdict.assert_clean()
    assert not broken, "\n".join(broken)
    assert left == [], "every process of a job is gone when the job has ended"


def _all_end(house: House, dice: random.Random, seconds: float) -> bool:
    """Whether every job ended in time."""
    unfinished = [state.value for state in JobState if state not in FINAL_STATES]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with house.client(dice) as client:
                if not [*client.list(state=unfinished, limit=1)]:
                    return True
        except RunyardClientError as error:
            if not passing(error):
                raise
        time.sleep(0.2)
    return False


def _garbled(house: House, load: Sequence[Wanted], answers: Answers, books: Mapping[str, JobBook]) -> Iterator[str]:
    """Each job whose attempt that counts has other output than it wrote."""
    work = [
        (wanted, job_id, attempt.number)
        for wanted in load
        for job_id in answers.ids.get(wanted.name, ())
        for attempt in (books[job_id].attempts if job_id in books else ())
        if attempt.outcome and (attempt.outcome.ending, attempt.outcome.exit_code) == (Ending.EXIT, wanted.code)
    ]

    def digests(share: int) -> list[str]:
        with house.client(random.Random(share)) as client:  # noqa: S311 - any server will do
            return [
                sha256(b"".join(client.logs(job_id, attempt=number))).hexdigest()
                for _, job_id, number in work[share::_READERS]
            ]

    with ThreadPoolExecutor(_READERS) as readers:
        for share, found in enumerate(readers.map(digests, range(_READERS))):
            for (wanted, job_id, number), digest in zip(work[share::_READERS], found, strict=True):
                if digest != wanted.digest:
                    yield f"{wanted}\n    {job_id}/{number} has other output than it wrote"


def _summary(plan: Plan, house: House, nemesis: Nemesis, answers: Answers, verdict: Verdict) -> Iterator[str]:
    def listed(counts: Mapping[str, int]) -> str:
        return ", ".join(f"{many} {name}" for name, many in sorted(counts.items(), key=lambda each: -each[1]))

    yield f"\nseed {plan.seed}, Redis {plan.redis}: {plan.jobs} jobs: {listed(verdict.states)}"
    yield f"blows: {listed(nemesis.dealt)}"
    yield f"calls: {listed(answers.calls)}"
    yield f"attempts: {listed(verdict.endings)}; {len(house.harms())} times their supervisor was harmed"
    yield from house.told()
    yield ", ".join(f"{len(getattr(verdict, name))} {name}" for name in ("lost", "doubled", "overlaps", "wrong"))
