"""Many agents at once: they come back after an outage, and exchange tokens over a way that loses answers.

With `RUNYARD_AGENTS_FULL=1` they are two hundred and a hundred, as many as was promised.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from statistics import quantiles

import pytest

from runyard.domain.runners.passes import PassRefused
from tests.integration.server import Server, until

from .between import Between
from .full import sized
from .light import LightAgent

pytestmark = pytest.mark.servers

Crowd = Callable[..., list[LightAgent]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With room for a crowd from one address."""
    unlimited = {"RUNYARD_RATE_LIMITS": "false", "RUNYARD_AT_ONCE_PER_ADDRESS": "0"}
    folder = tmp_path_factory.mktemp("yard")
    server = Server(folder, "--slots", "1", RUNYARD_CONNECTIONS_PER_ADDRESS="5000", **unlimited)
    server.keep_address()
    server.start()
    yield server
    server.close()


@pytest.fixture
def crowd(server: Server, tmp_path: Path) -> Iterator[Crowd]:
    """Makes so many, with a name that no other has."""
    made: list[LightAgent] = []

    def make(count: int, name: str, url: str, **manner: float) -> list[LightAgent]:
        with server.client() as client:
            # How they are is passed on as it came, and a plain dictionary has one type for all.
            made.extend(LightAgent(client, url, tmp_path / f"{name}-{n}", **manner) for n in range(count))  # type: ignore[arg-type]
        for agent in made:
            agent.start()
        return made

    yield make
    for agent in made:
        agent.stop()


@pytest.mark.timeout(sized(300, 600))
def test_f68_agents_that_were_cut_off_together_do_not_come_back_together(
    server: Server, crowd: Crowd, record_property: Callable[[str, object], None]
) -> None:
    agents = crowd(sized(20, 200), "back", server.address["url"], every=sized(1.0, 5.0))
    with server.client() as client:
        jobs = [client.submit(["true"], placement={"runner": each.name}, on_lost="fail").id for each in agents]
        until(lambda: all(agent.busy for agent in agents), seconds=60)
        server.kill()
        time.sleep(sized(0.5, 40))  # the fault itself: how long the server is away
        server.start()
        back = time.monotonic()
        until(lambda: all(agent.answered[-1][0] > back for agent in agents), seconds=90)
        firsts = sorted(min(at for at, _ in agent.answered if at > back) - back for agent in agents)
        took = [seconds for agent in agents for at, seconds in agent.answered if at > back]
        for agent in agents:
            agent.finish()
        done = [client.wait(job, timeout=60) for job in jobs]

    p99 = quantiles(took, n=100)[98]
    record_property("seconds until the last one was back", round(firsts[-1], 1))
    print(f"{len(agents)} were back after {firsts[0]:.1f} to {firsts[-1]:.1f} s; p99 of an answer was {p99:.2f} s")
    assert [agent.trouble for agent in agents if agent.trouble] == []
    assert [(job.state, job.attempt) for job in done] == [("succeeded", 1)] * len(agents)
    assert firsts[-1] < 60
    assert p99 < sized(5, 1), "other tests run beside this one, unless it has its full size"


@pytest.mark.timeout(sized(300, 600))
def test_f83_a_crowd_exchanges_tokens_while_answers_are_lost_and_every_copy_is_found_out(
    server: Server, crowd: Crowd, tmp_path: Path
) -> None:
    between, dice = Between(server.address["url"], tmp_path), Random(83)  # noqa: S311 - the same run again
    between.swallows = lambda: dice.random() < 0.3
    try:
        agents = crowd(sized(20, 100), "exchanging", between.url, every=sized(0.5, 10.0), exchanges=True)
        time.sleep(sized(8, 120))  # the fault itself: so long answers are lost
        until(lambda: between.swallowed >= len(agents))
        between.swallows = lambda: False
        assert [agent.trouble for agent in agents if agent.trouble] == []
        stolen = [agent.home.token() for agent in agents]
        before = [agent.exchanged for agent in agents]
        until(lambda: all(agent.exchanged > n + 1 for agent, n in zip(agents, before, strict=True)), seconds=60)
        time.sleep(5)  # so long a token outlives the first use of its successor
        for agent, token in zip(agents, stolen, strict=True):
            with pytest.raises(PassRefused, match="was replaced by a newer one"):
                with_token(agent, token)
        with server.client() as client:
            alarms = [(client.runners.get(agent.name).agent or {})["alarm"] for agent in agents]

        assert all("was copied" in alarm["why"] for alarm in alarms)
        assert [agent.trouble for agent in agents if agent.trouble] == []
        print(f"{sum(agent.exchanged for agent in agents)} exchanges, {between.swallowed} answers lost")
    finally:
        between.close()


def with_token(agent: LightAgent, token: str) -> None:
    """Come as a thief would."""
    door = agent.another_door(lambda: token)
    try:
        door.says("session", {"driver": "thief"})
    finally:
        door.close()
