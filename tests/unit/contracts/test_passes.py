from tests.contracts.passes import PassesContract


class TestPasses(PassesContract):
    pass
