"""What a driver may report, as the houses hear it and as the model does."""

from runyard.application.jobs.append_output import Appended
from runyard.application.jobs.report_outcomes import Counted, Fact
from runyard.application.ports.executor import Broken, Ended, Reported, Started, Voided
from runyard.domain.jobs.attempt import Ending, Outcome, Progress
from runyard.domain.jobs.ids import AttemptRef

from .books import Books
from .entry import End, Entry, Refused

BEGUN = ("started",) * 3
REPORTS = (
    *BEGUN,
    "progress",
    "exit",
    "failure",
    "short",
    "deadman",
    "voided",
    "voided elsewhere",
    "broken",
)


def written(ref: AttemptRef, start: int, end: int) -> bytes:
    return bytes((ref.number * 7 + at) % 251 for at in range(start, end))


def fact(kind: str, ref: AttemptRef, entry: Entry, boot: int) -> Fact:
    match kind:
        case "started":
            return Started(ref, "group")
        case "progress":
            return Reported(ref, Progress(percent=50.0), '{"files": 1}')
        case "exit" | "failure" | "short":
            size = len(entry.log) + (3 if kind == "short" else 0)
            code = 0 if kind == "exit" else 1
            return Ended(ref, Outcome(ending=Ending.EXIT, exit_code=code, tree_empty=True, log_size=size))
        case "deadman":
            return Ended(ref, Outcome(ending=Ending.DEADMAN, tree_empty=True))
        case "broken":
            return Broken(ref, "the supervisor died", tree_empty=True)
        case _:
            return Voided(ref, f"boot-{boot - (kind == 'voided elsewhere')}")


def told(books: Books, kind: str, ref: AttemptRef, fence: int, boot: int, now: float) -> str | None:
    try:
        entry = books.live(ref.job_id, ref.number, fence)
        match kind:
            case "started":
                books.started(entry)
            case "progress":
                pass
            case "exit" | "failure" | "short":
                size = len(entry.log) + (3 if kind == "short" else 0)
                entry.end(End(0 if kind == "exit" else 1, size), now)
            case "voided" | "voided elsewhere":
                entry.void(f"boot-{boot - (kind == 'voided elsewhere')}", now)
            case _:
                entry.lose(now)
    except Refused as refused:
        return refused.code
    return None


def codes(answers: list[Counted]) -> list[str | None]:
    return [answer.refused.code if answer.refused else None for answer in answers]


def stored(answers: list[Appended]) -> tuple[str | None, int]:
    (answer,) = answers
    return answer.refused.code if answer.refused else None, answer.stored
