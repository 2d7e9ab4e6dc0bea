from tests.contracts.submission_keys import SubmissionKeysContract


class TestSubmissionKeys(SubmissionKeysContract):
    pass
