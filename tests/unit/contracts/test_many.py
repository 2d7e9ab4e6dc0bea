from tests.contracts.many import ManyJobsContract


class TestManyJobs(ManyJobsContract):
    pass
