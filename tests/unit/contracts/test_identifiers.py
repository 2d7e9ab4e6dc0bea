from uuid import UUID

import pytest

from runyard.adapters.system.identifiers import UuidIdentifiers
from tests.contracts.identifiers import IdentifiersContract


class TestUuidIdentifiers(IdentifiersContract):
    @pytest.fixture
    def identifiers(self) -> UuidIdentifiers:
        return UuidIdentifiers()

    def test_ids_are_of_version_7(self, identifiers):
        assert UUID(identifiers.job_id()).version == 7

    def test_a_clock_that_goes_back_does_not_take_ids_along(self):
        times = iter([2_000_000_000, 1_000_000_000, 1_000_000_000])
        identifiers = UuidIdentifiers(lambda: next(times))

        made = [identifiers.job_id() for _ in range(3)]
        assert made == sorted(made)
