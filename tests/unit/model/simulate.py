"""Run the simulator as long as you like: `python -m tests.unit.model.simulate [FIRST [LAST]]`."""

import sys
import time
from collections import Counter

from .chaos import AROUND_STARTS, EVERYTHING, Chaos
from .judge import PromiseBroken


def main(first: int = 0, last: int = 199) -> int:
    total: Counter[str] = Counter()
    began = time.monotonic()
    for seed in range(first, last + 1):
        for kinds in (("local",), ("ssh", "ssh"), ("local", "ssh")):
            for mix in (EVERYTHING, AROUND_STARTS):
                chaos = Chaos(*kinds, seed=seed, mix=mix)
                try:
                    chaos.run()
                except PromiseBroken as broken:
                    print(f"seed {seed}, {'+'.join(kinds)}, {mix}: {broken}")
                    total["broken"] += 1
                judge = chaos.world.judge
                total += Counter(
                    runs=1,
                    jobs=len(chaos.world.work),
                    seconds=int(judge.now),
                    starts=judge.starts,
                    adoptions=judge.adoptions,
                    voids=judge.voids,
                    losses=judge.losses,
                    deadman=judge.deadman,
                )
    print(f"{dict(total)} in {time.monotonic() - began:.0f} s")
    return int(total["broken"] > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
