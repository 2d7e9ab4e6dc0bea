from tests.contracts.holdings import HoldingsContract


class TestHoldings(HoldingsContract):
    pass
