from tests.contracts.attempt_tokens import AttemptTokensContract


class TestAttemptTokens(AttemptTokensContract):
    pass
