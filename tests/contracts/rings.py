"""What any carrier of rings must do."""

from collections.abc import Callable
from threading import Event

from runyard.application.ports.rings import Rings

from .stores import at_once

SOON = 60.0
NEVER = 0.2


class RingsContract:
    """The promises of the port `Rings`."""

    def test_who_listens_hears_its_topic_and_no_other(self, rings: Rings):
        mine, other = Event(), Event()
        rings.listen("mine", mine.set)
        rings.listen("other", other.set)

        rings.ring({"mine", "unheard"})
        assert mine.wait(SOON)
        assert not other.wait(NEVER)

    def test_everybody_who_listens_hears(self, rings: Rings):
        heard = [Event() for _ in range(5)]
        for each in heard:
            rings.listen("topic", each.set)

        rings.ring({"topic"})
        assert all(each.wait(SOON) for each in heard)

    def test_who_stopped_hears_nothing_and_may_stop_twice(self, rings: Rings):
        stopped, going_on = Event(), Event()
        stop = rings.listen("topic", stopped.set)
        rings.listen("topic", going_on.set)
        stop()
        stop()

        rings.ring({"topic"})
        assert going_on.wait(SOON)
        assert not stopped.is_set()

    def test_a_listener_that_fails_hurts_nobody(self, rings: Rings):
        def fail() -> None:
            raise ZeroDivisionError

        heard = Event()
        rings.listen("topic", fail)
        rings.listen("topic", heard.set)

        rings.ring({"topic"})
        assert heard.wait(SOON)

    def test_a_listener_may_stop_while_it_hears(self, rings: Rings):
        heard, stops = Event(), list[Callable[[], None]]()

        def once() -> None:
            stops.pop()()
            heard.set()

        stops.append(rings.listen("topic", once))
        rings.ring({"topic"})
        assert heard.wait(SOON)

    def test_ringing_while_others_come_and_go_is_safe(self, rings: Rings):
        def come_and_go(number: int) -> None:
            for _ in range(200):
                stop = rings.listen(f"topic{number % 3}", lambda: None)
                rings.ring({"topic0", "topic1", "topic2"})
                stop()

        at_once(8, come_and_go)
