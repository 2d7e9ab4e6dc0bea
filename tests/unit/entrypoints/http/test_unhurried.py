from time import monotonic

import pytest

from runyard.domain.accounts.errors import Unauthenticated
from runyard.domain.errors import RunyardError
from runyard.domain.runners.passes import PassRefused
from runyard.entrypoints.http.unhurried import REFUSAL_SECONDS, unhurried


def test_who_is_admitted_comes_in() -> None:
    assert unhurried(lambda: "ann") == "ann"


@pytest.mark.parametrize("refusal", [Unauthenticated("no"), PassRefused("no")])
def test_a_refusal_takes_its_time_however_soon_it_was_clear(refusal: RunyardError) -> None:
    def refuse() -> None:
        raise refusal

    asked = monotonic()
    with pytest.raises(type(refusal)):
        unhurried(refuse)

    assert monotonic() - asked >= REFUSAL_SECONDS
