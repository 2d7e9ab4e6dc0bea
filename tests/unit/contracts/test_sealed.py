from tests.contracts.sealed import SealedValuesContract, SecretsContract


class TestSealedValues(SealedValuesContract):
    pass


class TestSecrets(SecretsContract):
    pass
