from tests.contracts.finished_jobs import FinishedJobsContract


class TestFinishedJobs(FinishedJobsContract):
    pass
