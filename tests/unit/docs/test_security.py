from tests.threats.elsewhere import MISHAPS
from tests.threats.page import PAGE, ROOT, THREATS, gone, missing, page


def test_the_tables_of_the_page_on_security_are_what_is_listed() -> None:
    assert PAGE.read_text() == page(), "write it anew: python -m tests.threats.page"


def test_every_threat_is_listed_once_with_a_test_or_with_what_is_not_there() -> None:
    assert [threat.name for threat in THREATS] == [f"T{number}" for number in range(1, 32)]
    assert len({mishap.what for mishap in MISHAPS}) == len(MISHAPS) == 19
    assert [row.what for row in (*THREATS, *MISHAPS) if not row.tests and not row.missing] == []


def test_every_test_that_is_named_is_there() -> None:
    assert gone() == []


def test_nothing_is_there_that_is_said_to_be_missing() -> None:
    built = {(each.what, str(path)) for each in missing() for sign in each.signs for path in ROOT.glob(sign)}

    assert built == set(), "it is there now: say in tests/threats what meets the threat, and by which tests"
