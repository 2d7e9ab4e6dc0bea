"""The jobs of the load, and what must come of each."""

import random
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Wanted:
    """A job of the load: it says that it starts, writes half, waits, writes the rest, leaves a daemon, exits."""

    number: int
    seconds: float
    size: int
    code: int

    @classmethod
    def by_chance(cls, number: int, dice: random.Random) -> Self:
        seconds, size = round(dice.uniform(0, 3), 2), dice.choice([0, 10, 70_000, 1_000_000])
        return cls(number=number, seconds=seconds, size=size, code=dice.choice([0, 0, 1, 42, 255]))

    def script(self, starts: Path) -> str:
        """Each start of each attempt is a line of `starts`."""
        line = f"line of job {self.number}"
        return (
            f'echo "$RUNYARD_JOB_ID/$RUNYARD_ATTEMPT" >> {starts}\n'
            f'yes "{line}" | head -c {self.size // 2}\n'
            f"sleep {self.seconds}\n"
            f'yes "{line}" | head -c {self.size - self.size // 2}\n'
            "setsid sleep 600 < /dev/null > /dev/null 2>&1 &\n"
            f"exit {self.code}\n"
        )

    @property
    def digest(self) -> str:
        """What its output hashes to."""
        line = f"line of job {self.number}\n".encode()

        def half(size: int) -> bytes:
            return (line * (size // len(line) + 1))[:size]

        return sha256(half(self.size // 2) + half(self.size - self.size // 2)).hexdigest()
