from tests.contracts.crowds import CrowdsContract


class TestCrowds(CrowdsContract):
    pass
