"""What any store of passes must do."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from runyard.adapters.system.tokens import RandomTokens
from runyard.application.runners.authenticate_agent import RunnerActor
from runyard.application.runners.exchange_pass import ExchangePass, ExchangePassCommand
from runyard.domain.accounts.ids import TokenId
from runyard.domain.runners.agent import AgentSide
from runyard.domain.runners.passes import PassKind, RunnerPass
from runyard.domain.runners.runner import Runner, RunnerKind

from ..builders import NOON, a_runner
from .stores import Store, at_once

LATER = NOON + timedelta(days=1)


def an_agent(store: Store, **values: Any) -> Runner:
    runner = a_runner(kind=RunnerKind.AGENT, agent=AgentSide(), **values)
    with store.begin() as work:
        work.runners.add(runner)
        work.commit()
    return runner


def a_pass(runner: Runner, name: str, **values: Any) -> RunnerPass:
    given = {"kind": PassKind.RUNNER, "hash": "h", "created_at": NOON, "expires_at": LATER}
    return RunnerPass(id=TokenId(name), runner_id=runner.id, **{**given, **values})


def add(store: Store, *passes: RunnerPass) -> None:
    with store.begin() as work:
        for each in passes:
            work.passes.add(each)
        work.commit()


class PassesContract:
    """The promises of the ports `Passes` and `PassReading`."""

    def test_every_field_comes_back(self, store: Store):
        runner = an_agent(store)
        plain = a_pass(runner, "a", kind=PassKind.JOIN)
        full = a_pass(
            runner,
            "b",
            created_at=LATER,
            replaces=TokenId("a"),
            replaced_by=TokenId("c"),
            used_at=NOON + timedelta(microseconds=1),
            over_at=LATER,
        )
        add(store, full, plain)

        with store.read() as reading:
            assert reading.passes.of(runner.id) == [plain, full]
            assert (reading.passes.get(plain.id), reading.passes.get(full.id)) == (plain, full)
            assert reading.passes.get(TokenId("nobody's")) is None
            assert reading.passes.of(an_agent(store).id) == []

    def test_a_saved_pass_comes_back_changed(self, store: Store):
        runner = an_agent(store)
        old, other = a_pass(runner, "a"), a_pass(runner, "b")
        add(store, old, other)
        changed = replace(old, used_at=NOON, over_at=LATER, replaced_by=other.id)
        with store.begin() as work:
            work.passes.save(changed)
            work.commit()

        with store.read() as reading:
            assert reading.passes.of(runner.id) == [changed, other]

    def test_what_was_not_committed_never_was(self, store: Store):
        runner = an_agent(store)
        with store.begin() as work:
            work.passes.add(a_pass(runner, "a"))

        with store.read() as reading:
            assert reading.passes.of(runner.id) == []

    def test_those_that_expired_before_a_moment_are_forgotten_of_one_runner(self, store: Store):
        mine, others = an_agent(store), an_agent(store)
        old, new = a_pass(mine, "old", expires_at=NOON), a_pass(mine, "new", expires_at=LATER)
        theirs = a_pass(others, "theirs", expires_at=NOON)
        add(store, old, new, theirs)
        with store.begin() as work:
            work.passes.forget(mine.id, LATER)
            work.commit()

        with store.read() as reading:
            assert (reading.passes.of(mine.id), reading.passes.of(others.id)) == ([new], [theirs])

    def test_of_many_who_exchange_one_at_once_one_successor_is_good(self, store: Store):
        runner = an_agent(store)
        with store.read() as reading:
            now = reading.now()
        add(store, old := a_pass(runner, "a", created_at=now, expires_at=now + timedelta(hours=1)))
        by = RunnerActor(runner.id, old.id)
        exchange = ExchangePass(store.begin, RandomTokens())

        at_once(8, lambda _: exchange.execute(ExchangePassCommand(by=by)))

        with store.read() as reading:
            spent = reading.passes.get(old.id)
            good = [each.id for each in reading.passes.of(runner.id) if each.id != old.id and each.good(reading.now())]
        assert spent is not None
        assert good == [spent.replaced_by]

    def test_a_removed_runner_takes_its_passes_along(self, store: Store):
        mine, others = an_agent(store), an_agent(store)
        add(store, a_pass(mine, "a"), kept := a_pass(others, "b"))
        with store.begin() as work:
            work.runners.remove(mine.id)
            work.commit()

        with store.read() as reading:
            assert (reading.passes.get(TokenId("a")), reading.passes.get(TokenId("b"))) == (None, kept)
