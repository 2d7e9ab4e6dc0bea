"""Why a job does not run, as the server says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """One thing in the way; `change` would remove it, `until` is when it ends by itself, if that is known."""

    code: str
    message: str
    change: str = ""
    until: datetime | None = None

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        until = view.get("until")
        return cls(
            code=view["code"],
            message=view["message"],
            change=view.get("change", ""),
            until=datetime.fromisoformat(until) if until else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What keeps a runner from taking the job; nothing means that it would."""

    runner: str
    obstacles: tuple[Obstacle, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether it would take the job now."""
        return not self.obstacles


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a job is where it is. `ahead` jobs stand before it in line; `change` is the least that would let it run."""

    state: str
    message: str
    obstacles: tuple[Obstacle, ...] = ()
    runners: tuple[Verdict, ...] = ()
    ahead: int | None = None
    change: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """The explanation in a view; fields this version does not know stay in `raw`."""
        runners = (
            Verdict(runner=each["runner"], obstacles=tuple(map(Obstacle.of, each["obstacles"])))
            for each in view.get("runners", ())
        )
        return cls(
            state=view["state"],
            message=view["message"],
            obstacles=tuple(map(Obstacle.of, view.get("obstacles", ()))),
            runners=tuple(runners),
            ahead=view.get("ahead"),
            change=view.get("change"),
            raw=view,
        )
