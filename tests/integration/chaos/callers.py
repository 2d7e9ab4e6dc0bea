"""Those who use it meanwhile: they submit, cancel and look, and write down what they are told."""

import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import Final

from runyard.domain.jobs.states import FINAL_STATES
from runyard.entrypoints.client.errors import RunyardClientError

from .history import History
from .house import House
from .load import Wanted

CALLERS: Final = 4
_BATCH: Final = 30
_CANCELLED: Final = 0.05
_LOOK_SECONDS: Final = 1.0

Progress = Callable[[], float]
"""Which part of the blows was dealt, from 0 to 1: jobs are submitted as these go on, so that each meets some."""


class Callers:
    """Some who submit, each its own share of the load, and one who looks."""

    def __init__(self, house: House, history: History, witness: Path, mark: str) -> None:
        self._house, self._history = house, history
        self._witness, self._mark = witness, mark
        self._ids: dict[str, str] = {}
        self._failures: list[BaseException] = []
        self._over = Event()

    def submit_all(self, load: Sequence[Wanted], progress: Progress, seed: int) -> list[Thread]:
        """The callers, at work."""
        shares = [load[at::CALLERS] for at in range(CALLERS)]
        callers = [
            Thread(target=self._noting, args=(self._calls, f"caller-{at}", share, progress, seed), daemon=True)
            for at, share in enumerate(shares)
        ]
        looker = Thread(target=self._noting, args=(self._looks, seed), daemon=True)
        for thread in [*callers, looker]:
            thread.start()
        return [*callers, looker]

    def join(self, threads: Sequence[Thread]) -> None:
        """All has been submitted; fails if somebody gave up."""
        *callers, looker = threads
        for caller in callers:
            caller.join()
        self._over.set()
        looker.join()
        if self._failures:
            raise self._failures[0]

    def repeat(self, load: Sequence[Wanted], dice: random.Random) -> None:
        """Submit these again: each is told to be the job it was."""
        for wanted in load:
            self._submit("repeater", [wanted], dice)

    def _noting(self, act: Callable[..., None], *arguments: object) -> None:
        try:
            act(*arguments)
        except BaseException as error:  # noqa: BLE001 - raised by `join`
            self._failures.append(error)

    def _calls(self, who: str, share: Sequence[Wanted], progress: Progress, seed: int) -> None:
        dice = random.Random(f"{seed} {who}")  # noqa: S311 - repeatable
        done = 0
        while done < len(share):
            batch = share[done : done + dice.choice([1, 1, 1, dice.randint(2, _BATCH)])]
            while progress() < done / len(share):
                time.sleep(0.05)  # load keeps pace with the blows
            time.sleep(dice.uniform(0, 0.2))  # no two callers in step
            self._submit(who, batch, dice)
            done += len(batch)
            for wanted in batch:
                if dice.random() < _CANCELLED:
                    self._cancel(who, wanted, dice)

    def _submit(self, who: str, batch: Sequence[Wanted], dice: random.Random) -> None:
        requests = [wanted.request(self._witness, self._mark) for wanted in batch]

        def act() -> list[str | None]:
            with self._house.client(dice) as client:
                if len(requests) > 1:
                    return [each.id for each in client.submit_many(requests)]
                return [client.submit(**requests[0]).id]

        ids = self._history.insisting(who, "submit", [wanted.name for wanted in batch], act)
        for wanted, job_id in zip(batch, ids, strict=True):
            assert job_id is not None, f"{wanted} was refused"
            self._history.write(who, "submit", wanted.name, job=job_id)
            self._ids[wanted.name] = job_id

    def _cancel(self, who: str, wanted: Wanted, dice: random.Random) -> None:
        job_id = self._ids[wanted.name]

        def act() -> str:
            with self._house.client(dice) as client:
                return client.cancel(job_id).state

        state = self._history.insisting(who, "cancel", [wanted.name], act)
        self._history.write(who, "cancel", wanted.name, job=job_id, state=state)

    def _looks(self, seed: int) -> None:
        """At what has ended: that may never change."""
        dice = random.Random(f"{seed} looker")  # noqa: S311 - repeatable
        states = [state.value for state in FINAL_STATES]
        while not self._over.wait(_LOOK_SECONDS):
            try:
                with self._house.client(dice) as client:
                    seen = [*client.list(limit=50), *client.list(state=states, limit=50)]
            except RunyardClientError:
                continue
            for job in seen:
                self._history.write("looker", "look", job.name or job.id, job=job.id, state=job.state)
