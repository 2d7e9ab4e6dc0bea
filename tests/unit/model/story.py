"""The failing story of each rule. A story is told with the rule on, where nothing may break, and with it off.

Each is told at several `timing`s; without its rule at least one of them must break the promise named.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .rules import Rules

Tell = Callable[[Rules, int], None]


@dataclass(frozen=True)
class Story:
    rule: str
    promises: frozenset[str]
    timings: range
    tell: Tell


STORIES: list[Story] = []


def story(rule: str, *promises: str, timings: Iterable[int] = range(1)) -> Callable[[Tell], Tell]:
    def kept(tell: Tell) -> Tell:
        STORIES.append(Story(rule, frozenset(promises), range(min(timings), max(timings) + 1), tell))
        return tell

    return kept
