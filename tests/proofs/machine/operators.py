"""What operators do: pause and resume queues, edit runners, close and open them."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from runyard.application.jobs.pause_queue import PauseQueueCommand
from runyard.application.jobs.resume_queue import ResumeQueueCommand
from runyard.application.runners.cordon_runner import CordonRunnerCommand
from runyard.application.runners.edit_runner import EditRunnerCommand
from runyard.application.runners.uncordon_runner import UncordonRunnerCommand
from runyard.domain.ends import End

from .acting import Acting
from .asked import DISK, PROJECTS, QUEUES, RUNNERS
from .books import Books
from .houses import DrivenYard, register

DOES = ("pauses a queue", "resumes a queue", "resumes a queue", "edits", "registers", "cordons", "opens", "opens")
FOR_EVER = float("inf")


class Operators(Acting):
    """Whoever looks after the installation."""

    @rule(data=st.data(), what=st.sampled_from(DOES))
    def an_operator_acts(self, data, what):
        runner = data.draw(st.sampled_from(RUNNERS))
        if what == "pauses a queue":
            self.somebody_pauses_a_queue(data)
        elif what == "resumes a queue":
            project, queue = data.draw(st.sampled_from(PROJECTS)), data.draw(st.sampled_from(QUEUES))
            command = ResumeQueueCommand(project=project, queue=queue)
            self.both(
                lambda yard: yard.resume_queue.execute(command),
                lambda books, _: books.pauses.pop((project, queue), None) and None,
            )
        elif what in {"edits", "registers"}:
            self.somebody_edits(data, runner, registers=what == "registers")
        else:
            self.both(
                lambda yard: _closed(yard, runner, what == "cordons"),
                lambda books, _: setattr(books.places[runner], "closed", what == "cordons"),
            )

    def somebody_pauses_a_queue(self, data: Any) -> None:
        project, queue = data.draw(st.sampled_from(PROJECTS)), data.draw(st.sampled_from(QUEUES))
        seconds = data.draw(st.sampled_from([None, 2.25, 5.25]))
        command = PauseQueueCommand(project=project, queue=queue, end=End(seconds=seconds))

        def act(yard: DrivenYard) -> None:
            yard.pause_queue.execute(command)

        def expected(books: Books, now: float) -> None:
            books.pauses[project, queue] = FOR_EVER if seconds is None else now + seconds

        self.both(act, expected)

    def somebody_edits(self, data: Any, runner: str, *, registers: bool) -> None:
        slots, disk = data.draw(st.sampled_from([1, 2, 4])), data.draw(st.sampled_from([None, "fast"]))
        shared = data.draw(st.sampled_from([True, True, False]))
        others = PROJECTS[1:] if shared else ()
        command = EditRunnerCommand(runner=runner, slots=slots, labels={DISK: disk} if disk else {}, shared_with=others)

        def act(yard: DrivenYard) -> None:
            if registers:
                register(yard, runner, slots)
            else:
                yard.edit_runner.execute(command)

        def expected(books: Books, _: float) -> None:
            place = books.places[runner]
            place.slots = slots
            if not registers:
                place.disk, place.shared = disk, shared

        self.both(act, expected)


def _closed(yard: DrivenYard, runner: str, close: bool) -> None:
    if close:
        yard.cordon_runner.execute(CordonRunnerCommand(runner=runner))
    else:
        yard.uncordon_runner.execute(UncordonRunnerCommand(runner=runner))
