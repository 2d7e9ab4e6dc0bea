"""Whoever hurts the installation: deals the blows of a plan, several at a time if they take long."""

import random
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from .house import House
from .plan import Plan

_HANDS: Final = 4


class Nemesis:
    """Blows and their order come from the seed; what is just being struck is left to whoever strikes it."""

    def __init__(self, house: House, plan: Plan) -> None:
        self._house, self._seed = house, plan.seed
        self._order = plan.order(house.wanted(plan))
        self._pause = plan.pause(len(self._order))
        self.dealt: Counter[str] = Counter()

    def progress(self) -> float:
        """Which part of the blows was begun."""
        return sum(self.dealt.values()) / len(self._order) if self._order else 1.0

    def strike(self) -> None:
        """All blows; what was struck is up again when this returns."""
        dice = random.Random(self._seed)  # noqa: S311 - a seed must give the same blows again
        blows: list[Future[None]] = []
        with ThreadPoolExecutor(_HANDS) as hands:
            for number, name in enumerate(self._order):
                time.sleep(dice.uniform(0.5, 1.5) * self._pause)  # blows come at random moments
                own = random.Random(f"{self._seed} {number}")  # noqa: S311 - the same
                if name in self._house.services:
                    self._house.blows[name](own)
                else:
                    blows.append(hands.submit(self._house.blows[name], own))
                self.dealt[name] += 1
        for blow in blows:
            blow.result()
