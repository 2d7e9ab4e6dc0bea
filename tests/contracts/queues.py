"""What any store of paused queues must do."""

from datetime import timedelta

from runyard.domain.jobs.queues import QueuePause

from ..builders import NOON
from .stores import Store


class QueuesContract:
    """The promises of the ports `Queues` and `QueueReading`."""

    def test_pauses_come_back_by_name_and_the_last_one_counts(self, store: Store):
        first = QueuePause(queue="gpu", since=NOON, until=NOON + timedelta(hours=1), reason="first")
        again = QueuePause(queue="gpu", since=NOON + timedelta(microseconds=1))
        other = QueuePause(queue="a.b", since=NOON, reason="ünïcode")
        with store.begin() as work:
            for pause in (first, again, other):
                work.queues.pause(pause)
            assert work.queues.all() == [other, again]
            work.commit()

        with store.read() as reading:
            assert reading.queues.all() == [other, again]

    def test_a_resumed_queue_is_not_paused_whether_it_was_or_not(self, store: Store):
        with store.begin() as work:
            work.queues.pause(QueuePause(queue="gpu", since=NOON))
            work.queues.resume("default", "gpu")
            work.queues.resume("default", "never")
            work.commit()

        with store.read() as reading:
            assert reading.queues.all() == []

    def test_an_uncommitted_pause_never_was(self, store: Store):
        with store.begin() as work:
            work.queues.pause(QueuePause(queue="gpu", since=NOON))

        with store.read() as reading:
            assert reading.queues.all() == []

    def test_a_reason_that_no_database_takes_is_no_reason_to_fail(self, store: Store):
        with store.begin() as work:
            work.queues.pause(QueuePause(queue="gpu", since=NOON, reason="a\udc80\0"))
            work.commit()

        with store.read() as reading:
            assert [pause.queue for pause in reading.queues.all()] == ["gpu"]

    def test_queues_of_two_projects_have_nothing_to_do_with_each_other(self, store: Store):
        mine = QueuePause(project="default", queue="gpu", since=NOON)
        theirs = QueuePause(project="other", queue="gpu", since=NOON, reason="theirs")
        with store.begin() as work:
            work.queues.pause(theirs)
            work.queues.pause(mine)
            assert work.queues.all() == [mine, theirs]
            work.queues.resume("default", "gpu")
            work.commit()

        with store.read() as reading:
            assert reading.queues.all() == [theirs]
