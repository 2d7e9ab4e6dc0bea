from tests.contracts.queues import QueuesContract


class TestQueues(QueuesContract):
    pass
