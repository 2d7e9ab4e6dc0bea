from tests.contracts.cancel_races import CancelRacesContract


class TestCancelRaces(CancelRacesContract):
    pass
