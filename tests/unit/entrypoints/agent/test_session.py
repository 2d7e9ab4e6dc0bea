"""What an agent knows of itself while it runs."""

from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.entrypoints.agent.session import Session


def refs(*numbers: int) -> list[AttemptRef]:
    return [AttemptRef(JobId(f"job-{number}"), 1) for number in numbers]


def test_starts_that_fail_one_after_the_other_are_a_reason_to_rest() -> None:
    session = Session()
    for number in range(4):
        session.over(refs(number)[0], started=False)
    assert session.may_take(3) == 3

    session.over(refs(9)[0], started=False)
    assert (session.may_take(3), session.resting > 5) == (0, True)

    well = Session()
    for number in range(10):
        well.over(refs(number)[0], started=number % 4 == 3)
    assert well.may_take(3) == 3


def test_an_ephemeral_agent_takes_one_job_and_is_finished_when_it_ended() -> None:
    session = Session(ephemeral=True)
    assert session.may_take(5) == 1

    session.took(refs(1))
    assert (session.may_take(5), session.finished, session.busy) == (0, False, 1)

    session.over(refs(1)[0], started=True)
    assert (session.may_take(5), session.finished) == (0, True)


def test_an_ephemeral_agent_is_finished_when_its_job_was_taken_from_it() -> None:
    session = Session(ephemeral=True)
    session.took(refs(1))
    session.follows(refs(1))
    assert not session.finished

    session.follows([])  # ended by force, or given to another while nothing was heard of us

    assert (session.may_take(5), session.finished) == (0, True)


def test_an_ephemeral_agent_that_comes_back_takes_no_second_job() -> None:
    session = Session(ephemeral=True)
    session.follows(refs(1))  # it runs since before

    assert (session.may_take(5), session.finished) == (0, False)
    session.over(refs(1)[0], started=True)
    assert session.finished


def test_who_takes_nothing_says_why() -> None:
    leaving, tired, once, full = Session(), Session(), Session(ephemeral=True), Session()
    assert [each.refuses for each in (leaving, tired, once, full)] == [None] * 4

    leaving.closing = True
    once.took(refs(1))
    full.gives_back = "its disk is full"
    for number in range(5):
        tired.over(refs(number)[0], started=False)

    told = [each.refuses or "" for each in (leaving, tired, once, full)]
    wanted = ("told to leave", "start after the other failed", "takes one job", "its disk is full")
    assert [word in why for word, why in zip(wanted, told, strict=True)] == [True] * 4
