"""What any maker of identities must do."""

from uuid import UUID

from runyard.application.ports.system import Identifiers

from .stores import at_once


class IdentifiersContract:
    """The promises of the port `Identifiers`."""

    def test_ids_are_uuids_in_canonical_form(self, identifiers: Identifiers):
        for made in (identifiers.job_id(), identifiers.runner_id()):
            assert str(UUID(made)) == made

    def test_later_ids_sort_after_earlier_ones(self, identifiers: Identifiers):
        made = [identifiers.job_id() for _ in range(5000)]

        assert made == sorted(set(made))

    def test_threads_share_no_id(self, identifiers: Identifiers):
        made = at_once(20, lambda _: [identifiers.job_id() for _ in range(500)])

        assert all(each == sorted(each) for each in made)
        assert len({job_id for each in made for job_id in each}) == 20 * 500
