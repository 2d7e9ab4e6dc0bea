from tests.contracts.books import BookReadingContract


class TestBooks(BookReadingContract):
    pass
