"""Hypothesis strategies: everything a store may hold."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from hypothesis import strategies as st

from runyard.application.moving.export_store import ExportStore, ExportStoreCommand
from runyard.application.ports.archive import Counts, Item
from runyard.application.ports.holdings import KeyLimit, WholeJob, WholeLogin, WholeSecret
from runyard.application.ports.submission_keys import Reservation
from runyard.domain.accounts.account import Account, AccountKind
from runyard.domain.accounts.ids import AccountId, TokenId
from runyard.domain.accounts.permissions import Permission, Role
from runyard.domain.accounts.projects import Project
from runyard.domain.accounts.tokens import Token
from runyard.domain.audit.entry import AuditEntry
from runyard.domain.jobs.access import AttemptToken
from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.log import LogChunk, LogRecord, Stream
from runyard.domain.jobs.queues import QueuePause
from runyard.domain.jobs.submission import SubmissionKey
from runyard.domain.limits.limits import Limits, ProjectLimits
from runyard.domain.runners.agent import AgentSide, Alarm, MachineFacts
from runyard.domain.runners.availability import Availability, AvailabilityState
from runyard.domain.runners.check import Finding, HostCheck, Verdict
from runyard.domain.runners.events import RunnerEvent, RunnerEventKind
from runyard.domain.runners.ids import DriverId
from runyard.domain.runners.logins import KeptKind, KeptLogin
from runyard.domain.runners.passes import PassKind, RunnerPass
from runyard.domain.runners.runner import DriverLease, Runner, RunnerKind
from runyard.domain.runners.ssh import SshLogin
from runyard.domain.runners.trouble import Trouble
from runyard.domain.secrets.sealing import Sealed
from runyard.domain.secrets.secret import Secret

from ..builders import NOON, a_job_id, a_runner, a_target, host_key
from .lives import COUNTS, MOMENTS, TEXTS, WORDS, attempts, stored_jobs
from .stores import Store

_LEASES = st.builds(
    DriverLease, driver_id=st.builds(DriverId, TEXTS), epoch=COUNTS, until=MOMENTS, since=MOMENTS, heard_at=MOMENTS
)
_AVAILABLE = st.builds(
    Availability,
    state=st.sampled_from([AvailabilityState.OPEN, AvailabilityState.CORDONED]),
    note=st.none() | TEXTS,
    since=st.none() | MOMENTS,
)
_KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
_RECORDS = st.builds(
    LogRecord,
    stream=st.sampled_from(Stream),
    at=st.integers(0, 10**12).map(lambda microseconds: NOON + timedelta(microseconds=microseconds)),
    data=st.binary(min_size=1, max_size=30),
)


_PROJECTS = st.sampled_from(["default", "a", "b-1"])
_PARENTS = st.sampled_from([None, JobId("one"), JobId("another")])
_WHOSE = st.tuples(_PROJECTS, _PARENTS)
_SOME_PROJECTS = st.sampled_from([[], ["a"], ["a", "b-1"]])
_HOSTS = st.fixed_dictionaries(
    {
        "kind": st.just(RunnerKind.SSH),
        "ssh": st.sampled_from(
            [
                a_target(),
                a_target(login=SshLogin(key_file="/k"), host_keys=(host_key("b"),) * 2),
                a_target(login=SshLogin(kept=KeptLogin(kind=KeptKind.KEY, fingerprint="SHA256:x", version=3))),
            ]
        ),
        "trouble": st.none() | st.builds(Trouble, TEXTS, st.just(NOON)),
        "refuses": st.none() | st.builds(Trouble, TEXTS, st.just(NOON)),
        "checked": st.none() | st.just(HostCheck(NOON, (Finding("shell", Verdict.WARNING, "slow"),), 4)),
    }
)


_FACTS = st.builds(
    MachineFacts,
    system=st.just("Linux"),
    cpus=COUNTS,
    memory_bytes=st.none() | COUNTS,
    gpus=st.lists(st.sampled_from(["a", "b"]), max_size=2).map(tuple),
)
_AGENTS = st.fixed_dictionaries(
    {
        "kind": st.just(RunnerKind.AGENT),
        "agent": st.builds(
            AgentSide,
            registered_at=st.none() | MOMENTS,
            facts=st.none() | _FACTS,
            facts_at=st.none() | MOMENTS,
            memory_free=st.none() | COUNTS,
            disk_free=st.none() | COUNTS,
            alarm=st.none() | st.builds(Alarm, TEXTS, MOMENTS),
        ),
    }
)


def _passes(runner: Runner) -> st.SearchStrategy[list[RunnerPass]]:
    one = st.builds(
        RunnerPass,
        id=st.builds(a_job_id).map(TokenId),
        runner_id=st.just(runner.id),
        kind=st.sampled_from(PassKind),
        hash=TEXTS,
        created_at=MOMENTS,
        expires_at=MOMENTS,
        replaces=st.none() | st.just(TokenId("before")),
        replaced_by=st.none() | st.just(TokenId("next")),
        used_at=st.none() | MOMENTS,
        over_at=st.none() | MOMENTS,
    )
    found = st.lists(one, max_size=2) if runner.kind is RunnerKind.AGENT else st.just([])
    return found.map(lambda passes: sorted(passes, key=lambda each: (each.created_at, each.id)))


_ACCOUNTS = st.builds(
    Account,
    id=st.builds(a_job_id).map(AccountId),
    name=st.text("abc019", min_size=1, max_size=9),
    kind=st.just(AccountKind.USER),
    created_at=MOMENTS,
    email=st.none() | st.just("a@b"),
    password_hash=st.none() | TEXTS,
    instance_admin=st.booleans(),
    disabled_at=st.none() | MOMENTS,
)


def by_name(account: Account) -> str:
    return account.name


def _tokens(account: Account) -> st.SearchStrategy[list[Token]]:
    token = st.builds(
        Token,
        id=st.builds(a_job_id).map(TokenId),
        account_id=st.just(account.id),
        hash=TEXTS,
        created_at=MOMENTS,
        expires_at=MOMENTS,
        life=st.integers(1, 10**7).map(lambda seconds: timedelta(seconds=seconds)),
        name=TEXTS,
        scopes=st.none() | st.frozensets(st.sampled_from(Permission)),
        revoked_at=st.none() | MOMENTS,
        replaced_by=st.none() | st.just(TokenId("next")),
        last_used_at=st.none() | MOMENTS,
    )
    return st.lists(token, max_size=2).map(lambda found: sorted(found, key=lambda each: (each.created_at, each.id)))


_SOME = st.none() | st.integers(0, 1_000_000)
_LIMITS = st.builds(Limits, queued=_SOME, running=_SOME, submissions_per_minute=_SOME)


@st.composite
def _runners(draw: st.DrawFn) -> Runner:
    return a_runner(
        slots=draw(COUNTS),
        queues=tuple(draw(st.lists(WORDS, max_size=3))),
        labels=draw(st.dictionaries(WORDS, TEXTS, max_size=2)),
        availability=draw(_AVAILABLE),
        revision=draw(COUNTS),
        project=draw(_PROJECTS),
        shared_with=tuple(draw(st.lists(_PROJECTS, max_size=2))),
        owners=tuple(draw(st.lists(TEXTS, max_size=2))),
        driver=draw(st.none() | _LEASES),
        **draw(st.just({}) | _HOSTS | _AGENTS),
    )


@st.composite
def _whole_jobs(draw: st.DrawFn) -> WholeJob:
    new = draw(stored_jobs())
    current = new.job.attempt
    many = min(current.number, draw(st.integers(1, 4))) if current else 1
    earlier = tuple(replace(draw(attempts(live=False)), number=number) for number in range(1, many))
    whole = WholeJob(new.job, new.spec, earlier)
    tokens = [AttemptToken(TokenId(a_job_id()), ref, draw(TEXTS)) for ref in whole.refs if draw(st.booleans())]
    return replace(whole, tokens=tuple(tokens))


def _events(runner: Runner) -> st.SearchStrategy[list[RunnerEvent]]:
    event = st.builds(
        RunnerEvent,
        runner_id=st.just(runner.id),
        at=MOMENTS,
        kind=st.sampled_from(RunnerEventKind),
        details=st.dictionaries(WORDS, st.none() | COUNTS | TEXTS, max_size=2),
        by=st.none() | TEXTS,
    )
    return st.lists(event, max_size=2)


@st.composite
def worlds(draw: st.DrawFn) -> list[Item]:
    """Everything in some store, in the order of an archive, with the output of each job behind it."""
    runners = sorted(draw(st.lists(_runners(), max_size=2)), key=lambda runner: runner.name)
    pauses = draw(
        st.dictionaries(
            st.tuples(_PROJECTS, WORDS), st.tuples(MOMENTS, st.none() | MOMENTS, st.none() | TEXTS), max_size=2
        )
    )
    limits = draw(st.dictionaries(TEXTS.filter(bool), st.integers(1, 1000), max_size=2))
    keys = draw(st.dictionaries(st.tuples(_WHOSE, _KEYS), st.tuples(TEXTS, MOMENTS), max_size=3))
    secrets = draw(st.dictionaries(_KEYS, st.tuples(COUNTS, MOMENTS, TEXTS, st.binary(max_size=50)), max_size=3))
    jobs = draw(st.lists(_whole_jobs(), max_size=3))
    items: list[Item] = [Project(name=name, created_at=draw(MOMENTS)) for name in draw(_SOME_PROJECTS)]
    whose = sorted(draw(st.sets(st.tuples(_PROJECTS, st.sampled_from(["", "*", "ada", "\u00e9"])), max_size=3)))
    items += [
        ProjectLimits(project=project, owner=owner or None, limits=draw(_LIMITS), changed_at=draw(MOMENTS))
        for project, owner in whose
    ]
    for account in sorted(draw(st.lists(_ACCOUNTS, max_size=2, unique_by=by_name)), key=by_name):
        items.append(replace(account, roles={item.name: Role.VIEWER for item in items if isinstance(item, Project)}))
    items += [token for item in items if isinstance(item, Account) for token in draw(_tokens(item))]
    for runner in runners:
        items += [runner, *draw(_passes(runner))]
        if runner.ssh and runner.ssh.login.kept:
            items.append(WholeLogin(runner.id, Sealed("k", draw(st.binary(max_size=50)))))
    items += [event for runner in runners for event in draw(_events(runner))]
    items += [
        QueuePause(project=project, queue=queue, since=since, until=until, reason=reason)
        for (project, queue), (since, until, reason) in sorted(pauses.items())
    ]
    items += [KeyLimit(key, limit) for key, limit in sorted(limits.items(), key=lambda each: each[0].encode())]
    items += [
        Reservation(key, a_job_id(), until)
        for key, until in sorted(
            ((SubmissionKey(text, said, *whose), until) for (whose, text), (said, until) in keys.items()),
            key=lambda each: each[0].name,
        )
    ]
    items += [
        WholeSecret(Secret(project="p", name=name, version=max(many, 1), set_at=at, set_by=by), Sealed("key", data))
        for name, (many, at, by, data) in sorted(secrets.items())
    ]
    for job in sorted(jobs, key=lambda whole: whole.job.id):
        items.append(job)
        for ref in job.refs:
            records = draw(st.lists(_RECORDS, max_size=3))
            if records:
                items.append(LogChunk(ref, 0, tuple(records)))
    return items


@dataclass(slots=True)
class ListedArchive:
    """An archive that is a list."""

    held: list[Item] = field(default_factory=list)

    def put(self, item: Item) -> None:
        self.held.append(item)

    def finish(self) -> Counts:
        return self.counts()

    def items(self) -> Iterator[Item]:
        yield from self.held

    def counts(self) -> Counts:
        return {"items": len(self.held)}


def contents(store: Store, *, trail: bool = False) -> list[Item]:
    """Everything there is, as an export tells it; the output of an attempt is one chunk; the trail if asked for."""
    archive = ListedArchive()
    ExportStore(store.read, archive).execute(ExportStoreCommand())
    found: list[Item] = []
    for item in archive.held:
        if isinstance(item, AuditEntry) and not trail:
            continue
        before = found[-1] if found else None
        if isinstance(item, LogChunk) and isinstance(before, LogChunk) and before.ref == item.ref:
            assert item.offset == before.end
            found[-1] = replace(before, records=(*before.records, *item.records))
        elif isinstance(item, RunnerEvent):
            found.append(replace(item, id=0))
        else:
            found.append(item)
    return found
