from tests.contracts.leftovers import LeftoversContract


class TestLeftovers(LeftoversContract):
    pass
