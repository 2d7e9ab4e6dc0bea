from tests.contracts.accounts import AccountsContract


class TestAccounts(AccountsContract):
    pass
