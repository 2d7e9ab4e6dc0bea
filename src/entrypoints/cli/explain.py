"""Say why a job does not run."""

import sys

from ..client.explanations import Explanation
from .options import HERE, PLAIN, Output, Server
from .printing import as_json, tabbed
from .references import find
from .saying import plain


def explain(job: str, /, *, output: Output = PLAIN, server: Server = HERE) -> int:
    """Say why a job does not run, and the smallest change that would let it.

    Parameters
    ----------
    job
        An id, its beginning or its end, or @last.
    """
    with server.connected() as client:
        show(client.explain(find(client, job)), output)
    return 0


def show(explanation: Explanation, output: Output) -> None:
    """For people a few lines; for programs a line per runner and obstacle, after one for the whole."""
    if output.json:
        as_json(explanation.raw)
        return
    if not sys.stdout.isatty():
        tabbed(("job", explanation.state, explanation.message, explanation.ahead, explanation.change))
        for verdict in explanation.runners:
            if verdict.fits:
                tabbed(("runner", verdict.runner, "fits"))
            for obstacle in verdict.obstacles:
                tabbed(("runner", verdict.runner, obstacle.code, obstacle.message))
        return
    print(plain(f"{explanation.state}: {explanation.message}"))
    for verdict in explanation.runners:
        why = "; ".join(obstacle.message for obstacle in verdict.obstacles)
        print(plain(f"  {verdict.runner}: {why or 'would take it'}"))
    if explanation.change:
        print(plain(f"to let it run: {explanation.change}"))
