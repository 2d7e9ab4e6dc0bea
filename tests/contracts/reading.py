"""What any store of jobs must do when they are read."""

from datetime import timedelta

import pytest

from runyard.application.ports.jobs import Belonging, Change, JobFilter
from runyard.domain.accounts.access import Reach
from runyard.domain.jobs.errors import JobNotFound
from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.lanes import Placement
from runyard.domain.jobs.outline import SpecOutline
from runyard.domain.jobs.states import FINAL_STATES, JobState

from ..builders import NOON, a_job_id, a_new_job, a_runner_id, a_share, a_spec, an_attempt
from .stores import Store, save, store_all, stored

ANY = JobFilter()
HOSTILE_IDS = ["", "%", "_", "' or 1=1 --", "\0", "é", "\ud800", "01900000%"]


def ids(store: Store, which: JobFilter = ANY, *, size: int = 100) -> list[JobId]:
    """Every id that fits, page by page."""
    found: list[JobId] = []
    after: JobId | None = None
    while True:
        with store.read() as reading:
            page = reading.jobs.page(which, after=after, limit=size)
        assert len(page.items) <= size
        found += [item.job.id for item in page.items]
        if page.next_after is None:
            return found
        after = page.next_after


class JobReadingContract:
    """The promises of the port `JobReading`."""

    @pytest.mark.parametrize(
        ("which", "wanted"),
        [
            (JobFilter(project="a"), [1, 0]),
            (JobFilter(owner="ada"), [2, 0]),
            (JobFilter(project="none"), []),
            (JobFilter(reach=Reach()), []),
            (JobFilter(reach=Reach(projects=frozenset({"a", "c"}))), [3, 1, 0]),
            (JobFilter(reach=Reach(projects=frozenset({"b"}), own_in=frozenset({"a"}), owner="ada")), [2, 0]),
            (JobFilter(reach=Reach(own_in=frozenset({"a", "b"}), owner="bob")), [1]),
            (JobFilter(reach=Reach(projects=frozenset({"a"})), project="b"), []),
            (JobFilter(reach=Reach(projects=frozenset({"a"})), name="one"), [0]),
        ],
    )
    @pytest.mark.parametrize("size", [1, 100])
    def test_jobs_are_found_by_whose_they_are_and_within_the_reach_of_who_asks(
        self, store: Store, which: JobFilter, wanted: list[int], size: int
    ):
        specs = [
            a_spec(project="a", owner="ada", name="one"),
            a_spec(project="a", owner="bob"),
            a_spec(project="b", owner="ada", name="one"),
            a_spec(project="c", owner="bob"),
        ]
        jobs = store_all(store, [a_new_job(spec) for spec in specs])

        assert ids(store, which, size=size) == [jobs[place].job.id for place in wanted]

    def test_a_job_and_those_it_submitted_are_found_as_such(self, store: Store):
        [parent, other] = store_all(store, [a_new_job(), a_new_job()])
        specs = [a_spec(parent=of.job.id) for of in (parent, other, parent)]
        first, _, last = (new.job.id for new in store_all(store, [a_new_job(spec) for spec in specs]))
        own, family = parent.job.id, Reach(job=parent.job.id, parent=parent.job.id)

        assert ids(store, JobFilter(reach=family)) == [last, first, own]
        assert ids(store, JobFilter(reach=Reach(parent=own))) == [last, first]
        assert ids(store, JobFilter(reach=Reach(job=own))) == [own]
        assert ids(store, JobFilter(reach=family, id_part=first[-12:])) == [first]

    def test_whose_a_job_is(self, store: Store):
        [new] = store_all(store, [a_new_job(a_spec(project="a", owner="ada"))])
        [child] = store_all(store, [a_new_job(a_spec(project="a", owner="ada", parent=new.job.id))])

        with store.read() as reading:
            assert reading.jobs.whose(new.job.id) == Belonging("a", "ada")
            assert reading.jobs.whose(child.job.id) == Belonging("a", "ada", new.job.id)
            assert reading.jobs.whose(a_job_id()) is None
            assert all(reading.jobs.whose(JobId(hostile)) is None for hostile in HOSTILE_IDS)

    @pytest.mark.parametrize(
        ("which", "wanted"),
        [
            (JobFilter(queue="a"), [2, 0]),
            (JobFilter(name="one"), [1, 0]),
            (JobFilter(name=""), [2]),
            (JobFilter(name="none"), []),
            (JobFilter(labels=frozenset({("k", "v")})), [2, 0]),
            (JobFilter(labels=frozenset({("k", "v"), ("l", "w")})), [0]),
            (JobFilter(labels=frozenset({("k", "V")})), []),
            (JobFilter(labels=frozenset({("k", "v")}), name="one", queue="a"), [0]),
            (JobFilter(labels=frozenset({("k", "v")}), states=frozenset({JobState.PENDING})), []),
            (JobFilter(created_after=NOON + timedelta(seconds=1)), [2, 1]),
            (JobFilter(created_before=NOON + timedelta(seconds=1)), [0]),
            (JobFilter(created_after=NOON, created_before=NOON + timedelta(seconds=2)), [1, 0]),
        ],
    )
    @pytest.mark.parametrize("size", [1, 100])
    def test_jobs_are_found_by_what_they_were_born_with(
        self, store: Store, which: JobFilter, wanted: list[int], size: int
    ):
        specs = [
            a_spec(queue="a", name="one", labels={"k": "v", "l": "w"}),
            a_spec(queue="b", name="one", labels={"k": "w"}),
            a_spec(queue="a", name="", labels={"k": "v"}),
        ]
        new = store_all(
            store, [a_new_job(spec, created_at=NOON + timedelta(seconds=at)) for at, spec in enumerate(specs)]
        )

        assert ids(store, which, size=size) == [new[at].job.id for at in wanted]

    def test_an_unknown_job_is_not_found(self, store: Store):
        with store.read() as reading:
            for read in (reading.jobs.get, reading.jobs.summary, reading.jobs.attempts):
                with pytest.raises(JobNotFound):
                    read(a_job_id())

    @pytest.mark.parametrize("hostile", HOSTILE_IDS)
    def test_an_id_that_cannot_be_is_an_unknown_one(self, store: Store, hostile: str):
        new = stored(store, a_new_job())
        with store.read() as reading:
            with pytest.raises(JobNotFound):
                reading.jobs.get(JobId(hostile))
            assert reading.jobs.specs([JobId(hostile)]) == {}
        with store.begin() as work:
            assert work.jobs.lock([JobId(hostile), new.id]) == [new]

    def test_specs_are_found_and_unknown_ones_missing(self, store: Store):
        first, second = store_all(store, [a_new_job(a_spec(name=name)) for name in ("one", "two")])
        with store.read() as reading:
            got = reading.jobs.specs([second.job.id, a_job_id(), first.job.id])
            assert reading.jobs.specs([]) == {}

        assert got == {first.job.id: first.spec, second.job.id: second.spec}

    @pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
    def test_pages_hold_everything_newest_first(self, store: Store, size: int):
        new = store_all(store, [a_new_job() for _ in range(7)])

        assert ids(store, size=size) == [each.job.id for each in reversed(new)]

    def test_a_page_holds_jobs_with_the_outlines_of_their_specs_and_attempts(self, store: Store):
        given = {"env": {"A": "b"}, "stdin": "in", "command": ("sh", "-c", "x" * 9000)}
        new = store_all(store, [a_new_job(a_spec(name=state, **given), state=state) for state in JobState])
        with store.read() as reading:
            page = reading.jobs.page(JobFilter(), after=None, limit=99)

        outlines = [(each.job, SpecOutline.of(each.spec)) for each in reversed(new)]
        assert [(item.job, item.outline) for item in page.items] == outlines
        assert outlines[0][1].cut
        with store.read() as reading:
            assert [reading.jobs.summary(item.job.id) for item in page.items] == [*page.items]
            assert [reading.jobs.get(each.job.id).spec for each in new] == [each.spec for each in new]

    @pytest.mark.parametrize("stdin", [None, "", "in"])
    @pytest.mark.parametrize("command", ["x" * 9000, "true", ("true",)])
    def test_what_an_outline_leaves_out_is_kept(self, store: Store, stdin: str | None, command: str):
        new = a_new_job(a_spec(stdin=stdin, command=command))
        stored(store, new)

        with store.read() as reading:
            assert reading.jobs.get(new.job.id).spec == new.spec
            assert reading.jobs.specs([new.job.id]) == {new.job.id: new.spec}

    def test_jobs_added_while_somebody_pages_shift_nothing(self, store: Store):
        old = store_all(store, [a_new_job() for _ in range(4)])
        with store.read() as reading:
            first = reading.jobs.page(JobFilter(), after=None, limit=2)
        store_all(store, [a_new_job() for _ in range(3)])
        with store.read() as reading:
            second = reading.jobs.page(JobFilter(), after=first.next_after, limit=9)

        seen = [item.job.id for page in (first, second) for item in page.items]
        assert seen == [each.job.id for each in reversed(old)]
        assert second.next_after is None

    def test_an_empty_store_has_an_empty_page(self, store: Store):
        assert ids(store) == []

    @pytest.mark.parametrize(
        "states",
        [{JobState.QUEUED}, {JobState.FAILED}, {JobState.RUNNING, JobState.SUCCEEDED}, FINAL_STATES, {*JobState}],
    )
    def test_a_list_can_be_of_some_states_only(self, store: Store, states: set[JobState]):
        new = store_all(store, [a_new_job(state=state) for state in JobState for _ in range(2)])

        fitting = [each.job.id for each in reversed(new) if each.job.state in states]
        assert ids(store, JobFilter(states=frozenset(states)), size=2) == fitting

    @pytest.mark.parametrize("length", [1, 2, 3, 5, 8, 12, 13, 20, 35, 36])
    @pytest.mark.parametrize("side", ["begins", "ends"])
    def test_a_list_can_be_of_ids_that_begin_or_end_so(self, store: Store, side: str, length: int):
        new = store_all(store, [a_new_job() for _ in range(40)])
        wanted = new[17].job.id
        part = wanted[:length] if side == "begins" else wanted[-length:]

        fitting = [each.job.id for each in reversed(new) if each.job.id.startswith(part) or each.job.id.endswith(part)]
        assert wanted in fitting
        assert ids(store, JobFilter(id_part=part), size=3) == fitting

    @pytest.mark.parametrize("hostile", HOSTILE_IDS[1:])
    def test_a_part_no_id_has_finds_nothing(self, store: Store, hostile: str):
        stored(store, a_new_job())

        assert ids(store, JobFilter(id_part=hostile)) == []

    def test_live_jobs_of_a_runner_are_found_by_id(self, store: Store):
        here, there = a_runner_id(), a_runner_id()
        new = [
            a_new_job(state=state, attempt=an_attempt(runner_id=runner))
            for state in (JobState.RUNNING, JobState.CLAIMED)
            for runner in (here, there)
        ]
        ended = stored(store, a_new_job(state=JobState.CLAIMED, attempt=an_attempt(runner_id=here)))
        store_all(store, new)
        save(store, Change(ended, ended.released(now=NOON)))

        with store.read() as reading:
            assert [job.id for job in reading.jobs.live_on(here)] == [new[0].job.id, new[2].job.id]
            assert reading.jobs.live_on(a_runner_id()) == []
        with store.begin() as work:
            assert work.reading.count_live_on(here) == 2
            assert work.reading.count_live_on(a_runner_id()) == 0

    def test_lanes_are_known_once_a_job_was_submitted_whatever_became_of_it(self, store: Store):
        with store.read() as reading:
            assert reading.jobs.lanes() == []
        places = [Placement(runner="here"), Placement(labels={"zone": "a", "b": "ü"}), Placement()]
        specs = [
            a_spec(owner=owner, queue=queue, placement=placement)
            for owner in ("ada", "Ada")
            for queue in ("b", "a", "B", "a.1")
            for placement in places
        ]
        store_all(store, [a_new_job(spec) for spec in specs * 2])
        store_all(store, [a_new_job(specs[0], state=state) for state in set(JobState) - {JobState.QUEUED}])
        with store.begin() as work:
            work.jobs.add_all([a_new_job(a_spec(queue="undone"))])

        with store.read() as reading:
            assert reading.jobs.lanes() == sorted((spec.lane for spec in specs), key=lambda lane: lane.key)
        with store.begin() as work:
            assert len(work.reading.lanes()) == len(specs)

    def test_a_reader_sees_one_moment(self, store: Store):
        job = stored(store, a_new_job())
        with store.read() as reading:
            assert reading.jobs.get(job.id).job == job
            save(store, Change(job, job.cancelled(now=NOON)))
            assert reading.jobs.get(job.id).job == job

    def test_readers_wait_for_no_writer(self, store: Store):
        job = stored(store, a_new_job())
        with store.begin() as work:
            [locked] = work.jobs.take([a_share("default", 1)], 1)
            work.jobs.save_all([Change(locked, locked.cancelled(now=NOON))])
            with store.read() as reading:
                assert reading.jobs.get(job.id).job == job

    def test_a_unit_of_work_reads_what_it_wrote(self, store: Store):
        new = a_new_job()
        with store.begin() as work:
            work.jobs.add_all([new])
            assert work.reading.get(new.job.id).job == new.job
