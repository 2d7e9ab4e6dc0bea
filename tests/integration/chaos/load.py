"""The jobs of the load: what each does, what must come of it, and what it leaves behind as a witness."""

import random
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Literal, Self

from runyard.entrypoints.client.fields import JobRequest

KEYS = 50


@dataclass(frozen=True)
class Wanted:
    """A job that says that it starts, takes its locks, writes half, waits, writes the rest, says that it ends, exits.

    The locks of its number and of its `key` show that nobody does the same at the same time; a `daemon` it leaves
    behind holds them until its tree is ended. One that is `fickle` fails the first time and is tried again.
    """

    number: int
    seconds: float
    size: int
    code: int
    key: int | None = None
    on_lost: Literal["retry", "fail"] = "retry"
    fickle: bool = False
    daemon: bool = False

    @classmethod
    def by_chance(cls, number: int, dice: random.Random) -> Self:
        longest = dice.choices([0.2, 1.5, 6.0], [14, 5, 1])[0]
        return cls(
            number=number,
            seconds=round(dice.uniform(0, longest), 2),
            size=dice.choices([0, 100, 70_000, 1_000_000], [40, 50, 9, 1])[0],
            code=dice.choice([0, 0, 0, 1, 42, 255]),
            key=dice.randrange(KEYS) if dice.random() < 0.5 else None,
            on_lost="fail" if dice.random() < 0.1 else "retry",
            fickle=dice.random() < 0.05,
            daemon=dice.random() < 0.3,
        )

    @property
    def name(self) -> str:
        """Under which it is submitted: its idempotency key."""
        return f"job-{self.number}"

    @property
    def seats(self) -> int:
        """How many jobs of its key may run at once."""
        return 2 if self.key is not None and self.key % 10 == 0 else 1

    def request(self, witness: Path, mark: str) -> JobRequest:
        """The submission; every process of the job carries the mark."""
        asked: JobRequest = {
            "command": self._script(),
            "name": self.name,
            "env": {"WITNESS": str(witness), "MARK": mark},
            "idempotency_key": self.name,
            "on_lost": self.on_lost,
        }
        if self.key is not None:
            asked["concurrency"] = {"key": f"key {self.key}", "limit": self.seats}
        if self.fickle:
            asked["retry"] = {"max_attempts": 2, "backoff": {"initial": 0.2}}
        return asked

    @cached_property
    def digest(self) -> str:
        """What its output hashes to."""
        return sha256(self._line * (self.size // len(self._line))).hexdigest()

    @property
    def _line(self) -> bytes:
        return b"line of job %d\n" % self.number

    def _script(self) -> str:
        def say(what: str) -> str:
            return f'echo "{what} {self.number} $RUNYARD_JOB_ID/$RUNYARD_ATTEMPT" >> "$WITNESS/said"'

        def alone(what: str, descriptor: int, seats: list[str]) -> str:
            tries = [f'{{ exec {descriptor}>>"$WITNESS/{seat}"; flock -n {descriptor}; }}' for seat in seats]
            return " || ".join([*tries, say(f"overlap {what}")])

        def write(lines: int) -> str:
            return f"yes 'line of job {self.number}' | head -n {lines}" if lines else ""

        lines, tried = self.size // len(self._line), f'"$WITNESS/tried-{self.number}"'
        seats = [f"key-{self.key}.{seat}" for seat in range(self.seats)]
        return "\n".join(
            [
                say("start"),
                alone(f"job-{self.number}", 8, [f"job-{self.number}"]),
                "" if self.key is None else alone(f"key-{self.key}", 9, seats),
                write(lines // 2),
                f"sleep {self.seconds}",
                write(lines - lines // 2),
                "setsid sleep 600 < /dev/null > /dev/null 2>&1 &" if self.daemon else "",
                f"[ -e {tried} ] || {{ : > {tried}; {say('end')}; exit 7; }}" if self.fickle else "",
                say("end"),
                f"exit {self.code}",
            ]
        )


@dataclass(frozen=True, slots=True)
class Said:
    """What the jobs themselves have witnessed: attempts as `job id/number` that started, and that came to an end."""

    starts: dict[str, list[str]] = field(default_factory=dict)
    ends: dict[str, list[str]] = field(default_factory=dict)
    overlaps: list[str] = field(default_factory=list)

    @classmethod
    def within(cls, witness: Path) -> Self:
        """What is written there; starts and ends by job id."""
        told, file = cls(), witness / "said"
        for line in file.read_text().splitlines() if file.exists() else ():
            what, *_, attempt = line.split()
            if what == "overlap":
                told.overlaps.append(line)
            else:
                by_job = told.starts if what == "start" else told.ends
                by_job.setdefault(attempt.partition("/")[0], []).append(attempt)
        return told
