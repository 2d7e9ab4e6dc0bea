from tests.contracts.jobs import JobsContract


class TestJobs(JobsContract):
    pass
