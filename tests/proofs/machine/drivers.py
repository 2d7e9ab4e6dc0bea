"""What the drivers of runners do: claim, report, append, take over, renew, and die."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from runyard.application.jobs.assign_jobs import AssignJobsCommand
from runyard.application.ports.executor import Hello
from runyard.application.runners.renew_driver import RenewDriverCommand
from runyard.domain.jobs.log import LogChunk, LogRecord, Stream

from .acting import STRAYS, Acting
from .asked import RUNNERS
from .books import Books
from .entry import Refused
from .houses import DrivenYard, Refusal, take_over
from .reports import REPORTS, codes, fact, stored, told, written

DRIVERS = ("driver", "other")
WORK = ("claims", "claims", "reports", "reports", "reports", "appends")


class Drivers(Acting):
    """Two of them, for two runners."""

    @rule(data=st.data(), what=st.sampled_from(WORK))
    def a_driver_works(self, data, what):
        {"claims": self.a_driver_claims, "reports": self.a_driver_reports, "appends": self.a_driver_appends}[what](data)

    @rule(data=st.data(), what=st.sampled_from(WORK))
    def a_driver_works_on(self, data, what):
        """The same, so that this is what happens most."""
        self.a_driver_works(data, what)

    def a_driver_claims(self, data: Any) -> None:
        runner = data.draw(st.sampled_from([RUNNERS[0], *RUNNERS]))
        place = self.books.places[runner]
        who = data.draw(st.sampled_from([place.driver] * 4 + [DRIVERS[0]]))
        epoch = place.epoch if who == place.driver else place.epoch - 1
        epoch, most = epoch + data.draw(st.sampled_from(STRAYS)), data.draw(st.integers(1, 3))
        hello = Hello(nonce="n", boot_id=f"boot-{self.boot}", stamp=0.0, containment="group")

        def act(yard: DrivenYard) -> list[str]:
            claiming = yard.claiming[runner, who]
            command = AssignJobsCommand(
                runner_id=yard.ids[runner], epoch=epoch, hello=hello, most=most, claiming=claiming
            )
            return [item.job.id for item in yard.assign_jobs.execute(command)]

        answer = self.both(act, lambda books, now: books.assign(runner, who, (epoch, most, hello.boot_id), now))
        if isinstance(answer, Refusal):
            self.begins_anew(runner, who)

    def begins_anew(self, runner: str, driver: str) -> None:
        self.books.places[runner].forget(driver)
        self.houses.forget(runner, driver)

    @rule(runner=st.sampled_from(RUNNERS), driver=st.sampled_from(DRIVERS), later=st.sampled_from([0, 16]))
    def a_driver_takes_over(self, runner, driver, later):
        """Itself again after a crash, or from the other one once that one's lease has ended."""
        self.houses.clock.advance(later)
        self.both(lambda yard: take_over(yard, runner, driver), lambda books, now: books.adopt(runner, driver, now))
        self.begins_anew(runner, driver)

    def a_driver_renews(self, data: Any) -> None:
        runner = data.draw(st.sampled_from(RUNNERS))
        epoch = self.books.places[runner].epoch + data.draw(st.sampled_from([0, 0, -1]))

        def act(yard: DrivenYard) -> None:
            yard.renew_driver.execute(RenewDriverCommand(runner_id=yard.ids[runner], epoch=epoch))

        self.both(act, lambda books, now: books.places[runner].renewed(epoch, now))

    def a_driver_reports(self, data: Any) -> None:
        """All forms of a report: of the live attempt, of an earlier one, under an old fence, twice, out of order."""
        ref, fence, entry = self.reported(data)
        kinds = data.draw(st.lists(st.sampled_from(REPORTS), min_size=1, max_size=3))
        facts = [fact(kind, ref, entry, self.boot) for kind in kinds]

        def expected(books: Books, now: float) -> list[str | None]:
            books.touch(ref.job_id)
            answers = [told(books, kind, ref, fence, self.boot, now) for kind in kinds]
            books.seats.fill()
            return answers

        self.both(lambda yard: codes(yard.report(*facts, fence=fence)), expected)

    def a_driver_appends(self, data: Any) -> None:
        """Output that continues the log, repeats some of it, or leaves a gap."""
        ref, fence, entry = self.reported(data)
        offset = max(0, len(entry.log) + data.draw(st.sampled_from([0, 0, 0, 0, -2, -1, 2])))
        output = written(ref, offset, offset + data.draw(st.integers(0, 5)))
        records = (LogRecord(Stream.STDOUT, self.houses.clock.now(), output),) if output else ()

        def expected(books: Books, now: float) -> tuple[str | None, int]:
            books.touch(ref.job_id)
            try:
                return None, books.append(books.live(ref.job_id, ref.number, fence), offset, output, now)
            except Refused as refused:
                return refused.code, len(books.jobs[ref.job_id].logs.get(ref.number, b""))

        self.both(lambda yard: stored(yard.append(LogChunk(ref, offset, records), fence=fence)), expected)
