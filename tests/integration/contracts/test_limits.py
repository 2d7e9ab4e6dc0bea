from tests.contracts.limits import LimitsContract


class TestLimits(LimitsContract):
    pass
