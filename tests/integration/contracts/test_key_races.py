from tests.contracts.key_races import KeyRacesContract


class TestKeyRaces(KeyRacesContract):
    pass
