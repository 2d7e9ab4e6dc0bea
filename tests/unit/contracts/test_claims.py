from tests.contracts.claims import ClaimsContract


class TestClaims(ClaimsContract):
    pass
