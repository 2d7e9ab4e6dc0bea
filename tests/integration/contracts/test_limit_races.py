from tests.contracts.limit_races import LimitRacesContract


class TestLimitRaces(LimitRacesContract):
    pass
