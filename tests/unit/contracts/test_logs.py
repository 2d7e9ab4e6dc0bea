from tests.contracts.logs import LogsContract


class TestLogs(LogsContract):
    pass
