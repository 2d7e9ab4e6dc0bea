from tests.contracts.runner_events import RunnerEventsContract


class TestRunnerEvents(RunnerEventsContract):
    pass
