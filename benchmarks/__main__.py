"""`python -m benchmarks [NAME…]`: run all benchmarks, or those named."""

import sys
from collections.abc import Callable

from . import agents, claims, noop_jobs, output, ssh, stores, takeovers, tokens

BENCHMARKS: dict[str, Callable[[], None]] = {
    "noop_jobs": noop_jobs.main,
    "stores": stores.main,
    "output": output.main,
    "claims": claims.main,
    "ssh": ssh.main,
    "takeovers": takeovers.main,
    "tokens": tokens.main,
    "agents": agents.main,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; known are {', '.join(BENCHMARKS)}")
        return 2
    for name in names or BENCHMARKS:
        print(f"\n== {name}")
        BENCHMARKS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
