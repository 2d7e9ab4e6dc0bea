"""List the events of a runner."""

from dataclasses import dataclass, replace

from ...domain.runners.errors import RunnerNotFound
from ...domain.runners.events import RunnerEventPage
from ..ports.runner_events import RunnerEventsLook
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRunnerEventsCommand:
    """Of the runner of this id or name, older than which, and how many; as they are seen from these projects, from
    everywhere if none are named.
    """

    runner: str
    after: int | None = None
    limit: int = 100
    projects: frozenset[str] | None = None


class ListRunnerEvents:
    """Reads what happened to a runner, newest first. Who decided it is for its own project to know."""

    def __init__(self, read: Begin[RunnerEventsLook]) -> None:
        self._read = read

    def execute(self, command: ListRunnerEventsCommand) -> RunnerEventPage:
        """A page of it, or `RunnerNotFound`; what happens meanwhile does not shift later pages."""
        with self._read() as reading:
            runner = reading.runners.get(command.runner).runner
            page = reading.runner_events.page(runner.id, after=command.after, limit=command.limit)
        if command.projects is None or runner.project in command.projects:
            return page
        if not any(runner.reaches(project) for project in command.projects):
            raise RunnerNotFound(command.runner)
        return replace(page, items=tuple(replace(each, by=None) for each in page.items))
