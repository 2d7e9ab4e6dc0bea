from tests.failures_page import FAULTS, GUARDS, PAGE, PROMISES, page, proofs
from tests.proofs.defences import SWITCHES

MUST_BE_SHOWN = {"G1", "G2", "G3", "G4", "G5"}


def test_the_page_on_failures_is_what_the_tests_are_called() -> None:
    assert PAGE.read_text() == page(), "write it anew: python -m tests.failures_page"


def test_every_fault_a_test_is_named_after_is_known_and_guards_a_promise() -> None:
    assert set(proofs()) == set(FAULTS)
    assert {promise for _, promise in FAULTS.values()} <= set(PROMISES)


def test_every_fault_has_a_test_and_what_guards_the_first_promises_was_switched_off_once() -> None:
    found = proofs()
    assert [fault for fault in FAULTS if not found[fault]] == []
    shown = {fault for fault in FAULTS if any(proof.without for proof in found[fault])} | GUARDS.keys()
    assert {fault for fault, (_, promise) in FAULTS.items() if promise in MUST_BE_SHOWN} <= shown
    assert {guard for guards in GUARDS.values() for guard in guards} <= SWITCHES.keys()
