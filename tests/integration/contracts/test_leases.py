from tests.contracts.leases import LeasesContract


class TestLeases(LeasesContract):
    pass
