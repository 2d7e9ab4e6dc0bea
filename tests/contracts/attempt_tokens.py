"""What any store of the tokens of attempts must do."""

from runyard.domain.accounts.ids import TokenId
from runyard.domain.jobs.access import AttemptToken
from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.states import JobState

from ..builders import a_new_job, an_attempt
from .stores import Store, store_all

ENDED = Outcome(ending=Ending.EXIT, exit_code=0)


def unstored(store: Store, name: str) -> AttemptToken:
    """Of an attempt that is stored and has ended."""
    new = a_new_job(state=JobState.SUCCEEDED, attempt=an_attempt(outcome=ENDED), fence=1)
    [new] = store_all(store, [new])
    return AttemptToken(TokenId(name), new.job.ref, f"hash of {name}")


def a_token(store: Store, name: str) -> AttemptToken:
    token = unstored(store, name)
    with store.begin() as work:
        work.attempt_tokens.add_all([token])
        work.commit()
    return token


class AttemptTokensContract:
    """The promises of the ports `AttemptTokens` and `AttemptTokenReading`."""

    def test_tokens_are_found_by_their_ids_alone(self, store: Store):
        one, other = a_token(store, "one"), a_token(store, "other")

        with store.read() as reading:
            assert [reading.attempt_tokens.get(each.id) for each in (one, other)] == [one, other]
            assert reading.attempt_tokens.get(TokenId("nobody's")) is None

    def test_what_was_not_committed_never_was(self, store: Store):
        token = unstored(store, "one")
        with store.begin() as work:
            work.attempt_tokens.add_all([token])

        with store.read() as reading:
            assert reading.attempt_tokens.get(token.id) is None

    def test_a_removed_job_takes_the_tokens_of_its_attempts_along(self, store: Store):
        gone, kept = a_token(store, "gone"), a_token(store, "kept")
        with store.begin() as work:
            work.finished.remove([gone.ref.job_id])
            work.commit()

        with store.read() as reading:
            assert reading.attempt_tokens.get(gone.id) is None
            assert reading.attempt_tokens.get(kept.id) == kept
