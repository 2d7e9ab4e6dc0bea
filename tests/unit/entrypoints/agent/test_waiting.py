"""How an agent waits for work, and what it hears while it does."""

from typing import Any

from runyard.application.ports.rings import READY, about_runner
from runyard.domain.runners.errors import DriverLost
from runyard.domain.runners.ids import RunnerId
from runyard.entrypoints.agent.session import Session
from runyard.entrypoints.agent.waiting import Waiting

ROOM = {"memory": 1 << 30, "disk": 2 << 30}


class Script:
    """A door behind which these answers are given, one after the other; then it is time to go."""

    def __init__(self, *answers: Any) -> None:
        self.session, self.asked = Session(), list[dict[str, Any]]()
        self._answers = list(answers)
        self.room: dict[str, Any] = ROOM
        self.heard: dict[str, int] = {"ready": 0, "news": 0}
        self._waiting = Waiting(self, self.session, lambda: self.room)  # type: ignore[arg-type] # as much as it needs
        self._waiting.listen(READY, lambda: self._hear("ready"))
        self._waiting.listen(about_runner(RunnerId("self")), lambda: self._hear("news"))

    pause = 0.0

    def says(self, what: str, body: dict[str, Any], *, patience: float) -> Any:
        assert what == "sync"
        assert patience == body["wait"]
        self.asked.append(body)
        answer = self._answers.pop(0)
        if not self._answers:
            self._waiting.stop()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def played(self) -> dict[str, int]:
        """How often what was heard."""
        self.session.opened(3, "box")
        self._waiting.start()
        self._waiting._thread.join(60)
        return self.heard

    def _hear(self, what: str) -> None:
        self.heard[what] += 1
        self.session.claimed.set()


def nothing(slots: int = 1, **more: object) -> dict[str, Any]:
    return {"ready": False, "asked": False, "runner": {"slots": slots}, **more}


def test_work_and_news_are_passed_on_as_they_come() -> None:
    last = nothing()

    assert Script(nothing(ready=True), nothing(asked=True), nothing(), last).played() == {"ready": 1, "news": 1}


def test_a_runner_that_was_edited_between_two_waits_is_looked_at() -> None:
    assert Script(nothing(1), nothing(1), nothing(2), nothing(2)).played() == {"ready": 0, "news": 1}


def test_a_session_that_is_lost_is_told_to_the_driver_at_once() -> None:
    assert Script(nothing(), DriverLost("box"), nothing()).played() == {"ready": 0, "news": 1}


def test_each_wait_tells_what_is_free_and_is_cut_short_by_chance() -> None:
    script = Script(*[nothing() for _ in range(30)])
    script.played()

    assert all((each["epoch"], each["room"]) == (3, ROOM) for each in script.asked)
    waits = {each["wait"] for each in script.asked}
    assert len(waits) > 20
    assert 40 < min(waits) < 50 < max(waits) <= 55


def test_a_machine_that_takes_nothing_says_why_and_soon_looks_again() -> None:
    script = Script(*[nothing() for _ in range(5)])
    script.room = {**ROOM, "refuses": "3 MiB are free"}
    script.played()

    assert {each["room"]["refuses"] for each in script.asked} == {"3 MiB are free"}
    assert all(4 <= each["wait"] <= 5 for each in script.asked)
