from tests.contracts.reading import JobReadingContract


class TestJobReading(JobReadingContract):
    pass
