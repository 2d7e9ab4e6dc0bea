from tests.failures_page import FAULTS, PAGE, PROMISES, page, proofs


def test_the_page_on_failures_is_what_the_tests_are_called() -> None:
    assert PAGE.read_text() == page(), "write it anew: python -m tests.failures_page"


def test_every_fault_a_test_is_named_after_is_known_and_guards_a_promise() -> None:
    assert set(proofs()) == set(FAULTS)
    assert {promise for _, promise in FAULTS.values()} <= set(PROMISES)
