from tests.contracts.runners import RunnersContract


class TestRunners(RunnersContract):
    pass
