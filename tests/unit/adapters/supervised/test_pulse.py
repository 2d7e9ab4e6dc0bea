from runyard.adapters.supervised.streams import Pulse


def a_pulse(now: float = 100.0) -> Pulse:
    pulse = Pulse(every=3, dead=9)
    pulse.looked(now)
    return pulse


def listened(pulse: Pulse, start: int, end: int) -> list[str]:
    """What it wants, second by second."""
    wishes = []
    for now in range(start, end):
        pulse.looked(now)
        if pulse.asks(now):
            wishes.append(f"ask {now}")
        if pulse.dead(now):
            wishes.append(f"dead {now}")
    return wishes


def test_silence_is_asked_about_once_and_ends_in_death_within_fifteen_seconds() -> None:
    assert listened(a_pulse(), 100, 114)[:2] == ["ask 103", "dead 112"]


def test_whatever_arrives_is_an_answer() -> None:
    pulse = a_pulse()
    assert listened(pulse, 100, 111) == ["ask 103"]
    pulse.heard(111)

    assert listened(pulse, 111, 120) == ["ask 114"]


def test_time_in_which_nobody_listened_does_not_count() -> None:
    pulse = a_pulse()
    assert listened(pulse, 100, 105) == ["ask 103"]

    assert listened(pulse, 500, 503) == []
