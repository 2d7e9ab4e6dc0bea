"""Doing the same to all houses and to the model, and comparing what they answer."""

from collections.abc import Callable
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from runyard.domain.jobs.ids import AttemptRef, JobId

from .books import Books
from .entry import Entry, Refused
from .houses import DrivenYard, Houses, Refusal

STRAYS = (0, 0, 0, 0, 0, 0, 0, 0, -1, 1)
"""Mostly what is current; now and then what is past or never was."""

NOBODY = JobId("00000000-0000-7000-8000-000000000000")


class Acting(RuleBasedStateMachine):
    """`houses` are made anew for each example."""

    def __init__(self, houses: Callable[[], Houses]) -> None:
        super().__init__()
        self.houses = houses()
        self.books = Books()
        self.boot = 1

    def both(
        self,
        act: Callable[[DrivenYard], Any],
        expected: Callable[[Books, float], Any],
        *,
        cut: Callable[[Books, float], Any] | None = None,
    ) -> Any:
        """The answer of the houses, which must be the model's, unless the commit failed.

        `cut` is what becomes of the model if what is committed first is durable and nobody hears of it.
        """
        breaks = self.houses.houses[0].store.breaks
        tried = self.books.copy()
        try:
            wanted = (cut or expected)(tried, self.houses.now) if breaks else expected(tried, self.houses.now)
        except Refused as refused:
            wanted = Refusal(refused.code)
        answer = self.told(act)
        if isinstance(answer, Refusal) and answer.code == "store-unavailable":
            if breaks == "after":
                self.books = tried
            return answer
        assert answer == wanted, f"answered {answer}, the model {wanted}"
        self.books = tried
        return answer

    def told(self, act: Callable[[DrivenYard], Any]) -> Any:
        answer = self.houses.each(act)
        self.houses.mended()
        note(f"{answer}")
        return answer

    def some_job(self, data: Any, liked: Callable[[Entry], int]) -> JobId:
        """Any job, one that is liked so many times more often."""
        jobs = [job_id for job_id, entry in self.books.jobs.items() for _ in range(1 + liked(entry))]
        return JobId(data.draw(st.sampled_from([*jobs, NOBODY])))

    def reported(self, data: Any) -> tuple[AttemptRef, int, Entry]:
        """An attempt and a fence, mostly the live ones of a job."""
        live = [job_id for job_id, entry in self.books.jobs.items() if entry.live]
        claimed = [job_id for job_id, entry in self.books.jobs.items() if entry.number]
        job_id = JobId(data.draw(st.sampled_from([*live * 3, *claimed] or list(self.books.jobs))))
        entry = self.books.jobs[job_id]
        number = max(1, entry.number + data.draw(st.sampled_from(STRAYS)))
        return AttemptRef(job_id, number), entry.fence + data.draw(st.sampled_from(STRAYS)), entry
