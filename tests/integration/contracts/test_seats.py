from tests.contracts.seats import SeatsContract


class TestSeats(SeatsContract):
    pass
