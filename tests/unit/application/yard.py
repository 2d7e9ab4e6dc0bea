"""All use cases on one memory store, and the few words that tests say with them."""

from collections.abc import Sequence
from typing import Any

from runyard.adapters.memory.clock import ManualClock
from runyard.adapters.memory.control_tasks import MemoryControlTasks
from runyard.adapters.memory.passwords import MemoryPasswords
from runyard.adapters.memory.rates import MemoryRates
from runyard.adapters.memory.rings import MemoryRings
from runyard.adapters.memory.room import MemoryRoom
from runyard.adapters.memory.sealer import MemorySealer
from runyard.adapters.memory.ssh_hosts import MemorySshHosts
from runyard.adapters.memory.store import MemoryStore
from runyard.adapters.memory.turnstile import MemoryTurnstile
from runyard.adapters.system.identifiers import UuidIdentifiers
from runyard.adapters.system.tokens import RandomTokens
from runyard.application.accounts.authenticate import Authenticate
from runyard.application.accounts.authenticate_anybody import AuthenticateAnybody
from runyard.application.accounts.authenticate_attempt import AuthenticateAttempt
from runyard.application.accounts.create_account import CreateAccount
from runyard.application.accounts.create_project import CreateProject
from runyard.application.accounts.create_token import CreateToken
from runyard.application.accounts.edit_account import EditAccount
from runyard.application.accounts.get_account import GetAccount
from runyard.application.accounts.list_accounts import ListAccounts
from runyard.application.accounts.list_members import ListMembers
from runyard.application.accounts.list_projects import ListProjects
from runyard.application.accounts.list_tokens import ListTokens
from runyard.application.accounts.log_in import LogIn
from runyard.application.accounts.revoke_token import RevokeToken
from runyard.application.accounts.rotate_token import RotateToken
from runyard.application.accounts.set_password import SetPassword
from runyard.application.accounts.set_role import SetRole
from runyard.application.accounts.telling import AtTheDoor
from runyard.application.audit.audited import audited
from runyard.application.audit.list_audit import ListAudit
from runyard.application.audit.record_refusal import RecordRefusal
from runyard.application.jobs.admission import Admission
from runyard.application.jobs.append_output import AppendOutput, AppendOutputCommand, FencedChunk
from runyard.application.jobs.assign_jobs import AssignJobs, AssignJobsCommand, Assignment
from runyard.application.jobs.cancel_job import CancelJob, CancelJobCommand
from runyard.application.jobs.cancel_jobs import CancelJobs
from runyard.application.jobs.create_jobs import CreateJobs, CreateJobsCommand
from runyard.application.jobs.execute_jobs import Bookkeeping
from runyard.application.jobs.find_crowds import FindCrowds
from runyard.application.jobs.follow_attempts import FollowAttempts
from runyard.application.jobs.force_finish import ForceFinish, ForceFinishCommand
from runyard.application.jobs.forget_keys import ForgetKeys
from runyard.application.jobs.get_job import GetJob, GetJobCommand
from runyard.application.jobs.hand_out_jobs import HandedOut, HandOutJobs, WayBack
from runyard.application.jobs.list_jobs import ListJobs
from runyard.application.jobs.pause_job import PauseJob, PauseJobCommand
from runyard.application.jobs.pause_queue import PauseQueue
from runyard.application.jobs.read_log import ReadLog
from runyard.application.jobs.renew_attempts import RenewAttempts
from runyard.application.jobs.report_outcomes import Counted, Fact, FencedFact, ReportOutcomes, ReportOutcomesCommand
from runyard.application.jobs.rerun_job import RerunJob
from runyard.application.jobs.rerun_jobs import RerunJobs
from runyard.application.jobs.resume_job import ResumeJob, ResumeJobCommand
from runyard.application.jobs.resume_queue import ResumeQueue
from runyard.application.jobs.sweep_jobs import SweepJobs, SweepJobsCommand
from runyard.application.jobs.sweep_leases import SweepLeases, SweepLeasesCommand
from runyard.application.limits.change_limits import ChangeLimits, ChangeLimitsCommand
from runyard.application.limits.get_project import GetProject
from runyard.application.limits.submission_limits import SubmissionLimits
from runyard.application.ports.executor import Ended, Hello
from runyard.application.ports.system import Identifiers
from runyard.application.runners.add_agent import AddAgent
from runyard.application.runners.add_runner import AddRunner
from runyard.application.runners.adopt_runner import AdoptRunner, AdoptRunnerCommand
from runyard.application.runners.authenticate_agent import AuthenticateAgent
from runyard.application.runners.by_itself import AUTHENTICATING, OPENING, REGISTERING, ROTATING, ByItself
from runyard.application.runners.check_runner import CheckRunner
from runyard.application.runners.cordon_runner import CordonRunner
from runyard.application.runners.drain_runner import DrainRunner
from runyard.application.runners.edit_runner import EditRunner
from runyard.application.runners.eventful import eventful
from runyard.application.runners.exchange_pass import ExchangePass
from runyard.application.runners.get_runner import GetRunner
from runyard.application.runners.hear_agent import HearAgent
from runyard.application.runners.invite_agent import InviteAgent
from runyard.application.runners.keeping import KeptLogins
from runyard.application.runners.list_runner_events import ListRunnerEvents
from runyard.application.runners.list_runners import ListRunners
from runyard.application.runners.look_after_runners import LookAfterRunners
from runyard.application.runners.pause_runner import PauseRunner
from runyard.application.runners.register_runner import RegisterRunner, RegisterRunnerCommand
from runyard.application.runners.release_driver import ReleaseDriver
from runyard.application.runners.remove_runner import RemoveRunner
from runyard.application.runners.renew_driver import RenewDriver
from runyard.application.runners.revoke_agent import RevokeAgent
from runyard.application.runners.show_host_key import ShowHostKey
from runyard.application.runners.uncordon_runner import UncordonRunner
from runyard.application.secrets.remove_secret import RemoveSecret
from runyard.application.secrets.resolve_secrets import ResolveSecrets
from runyard.application.secrets.rotate_key import RotateKey
from runyard.application.secrets.set_secret import SetSecret
from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.environment import DeniedVariables
from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.leases import USUAL, LeaseTerms
from runyard.domain.jobs.log import LogChunk, LogRecord, Stream
from runyard.domain.jobs.submission import Submission
from runyard.domain.limits.limits import NO_LIMITS, LimitKind, UsualLimits
from runyard.domain.runners.ids import DriverId
from runyard.domain.runners.runner import Runner, RunnerKind
from tests.builders import BOOT, a_spec, host_facts, host_key
from tests.contracts.stores import Store

HELLO = Hello(nonce="n", boot_id=BOOT, stamp=0.0, containment="cgroup2")


class UseCases:
    """All of them, over a store that goes by this clock."""

    def __init__(
        self,
        store: Store,
        clock: ManualClock,
        identifiers: Identifiers | None = None,
        rings: MemoryRings | None = None,
        terms: LeaseTerms = USUAL,
        usual: UsualLimits = NO_LIMITS,
    ) -> None:
        self.clock, self.rings = clock, rings or MemoryRings()
        self.room, self.turnstile = MemoryRoom(), MemoryTurnstile()
        self.sealer = MemorySealer()
        self.admission = Admission(
            self.room, DeniedVariables(("LD_*",)), SubmissionLimits(MemoryRates(clock), self.turnstile, usual)
        )
        self.identifiers = identifiers = identifiers or UuidIdentifiers()
        begin, read = audited(eventful(store.begin)), store.read
        self.read = read
        self._accounts(begin, read, identifiers)
        self.sweep_jobs = SweepJobs(begin, self.rings)
        self.control_tasks = MemoryControlTasks(self.sweep, self.clock.elapsed)
        self.create_jobs = CreateJobs(begin, read, identifiers, self.rings, self.control_tasks, self.admission)
        self.cancel_job, self.rerun_job = CancelJob(begin, self.rings), RerunJob(read, self.create_jobs)
        self.pause_job, self.resume_job = PauseJob(begin, self.rings), ResumeJob(begin, self.rings)
        self.pause_queue, self.resume_queue = PauseQueue(begin), ResumeQueue(begin, self.rings)
        self.force_finish = ForceFinish(begin, self.rings)
        self.cancel_jobs = CancelJobs(begin, ListJobs(read), self.rings)
        self.rerun_jobs = RerunJobs(begin, read, ListJobs(read), self.create_jobs, identifiers)
        self.forget_keys = ForgetKeys(begin)
        self.get_job, self.read_log = GetJob(read), ReadLog(read)
        self.assign_jobs = AssignJobs(begin, RandomTokens(), terms, usual)
        self.set_secret, self.rotate_key = SetSecret(begin, self.sealer), RotateKey(begin, self.sealer)
        self.remove_secret = RemoveSecret(begin)
        self.resolve_secrets = ResolveSecrets(read, self.sealer)
        self.renew_attempts = RenewAttempts(begin, self.rings)
        self.sweep_leases = SweepLeases(begin, clock, self.rings, terms)
        self.append_output = AppendOutput(begin, self.rings)
        self.report_outcomes = ReportOutcomes(begin, self.rings, self.control_tasks)
        self.follow_attempts, self.find_crowds = FollowAttempts(read), FindCrowds(read, usual)
        self.register_runner = RegisterRunner(begin, identifiers)
        self.adopt_runner = AdoptRunner(begin)
        self.get_runner = GetRunner(read)
        self.renew_driver, self.hear_agent = RenewDriver(begin), HearAgent(begin)
        self.list_runners, self.list_runner_events = ListRunners(read), ListRunnerEvents(read)
        self.uncordon_runner = UncordonRunner(begin, self.rings)
        self.cordon_runner, self.pause_runner = CordonRunner(begin), PauseRunner(begin)
        self.drain_runner, self.release_driver = DrainRunner(begin), ReleaseDriver(begin)
        self.look_after_runners = LookAfterRunners(read, begin, self.rings)
        self._handing_out()
        self._elsewhere(begin, read, identifiers)
        self.swept = SweepLeasesCommand()

    def _handing_out(self) -> None:
        self.way_back = WayBack(here="http://here")
        self.hand_out_jobs = HandOutJobs(self.assign_jobs, self.resolve_secrets, self.way_back)

    def _elsewhere(self, begin: Any, read: Any, identifiers: Identifiers) -> None:
        texts = RandomTokens()
        self.add_agent, self.invite_agent = AddAgent(begin, identifiers, texts), InviteAgent(begin, texts)
        self.revoke_agent, exchange = RevokeAgent(begin, self.rings), ExchangePass(begin, texts)
        self.register_agent = ByItself(exchange, REGISTERING, self.record_refusal)
        self.rotate_agent = ByItself(exchange, ROTATING, self.record_refusal)
        authenticate = AuthenticateAgent(read, begin, self.rings)
        self.authenticate_agent = ByItself(authenticate, AUTHENTICATING, self.record_refusal)
        self.open_session = ByItself(self.adopt_runner, OPENING, self.record_refusal)
        self._hosts(begin, read)

    def _hosts(self, begin: Any, read: Any) -> None:
        self.hosts = MemorySshHosts({"far": (host_key("far"), host_facts())})
        self.logins = KeptLogins(self.sealer, self.hosts)
        self.add_runner = AddRunner(begin, self.identifiers, self.hosts, self.logins)
        self.edit_runner = EditRunner(begin, self.rings, self.logins)
        self.check_runner = CheckRunner(read, begin, self.hosts, self.logins)
        self.show_host_key, self.remove_runner = ShowHostKey(self.hosts), RemoveRunner(begin)

    def _accounts(self, begin: Any, read: Any, identifiers: Identifiers) -> None:
        passwords, texts = MemoryPasswords(), RandomTokens()
        self.list_audit, self.record_refusal = ListAudit(read), RecordRefusal(begin, MemoryRates(self.clock))
        self.list_projects, self.create_project = ListProjects(read), CreateProject(begin)
        self.change_limits, self.get_project = ChangeLimits(begin), GetProject(read)
        self.list_members, self.set_role = ListMembers(read), SetRole(begin)
        self.list_accounts, self.get_account = ListAccounts(read), GetAccount(read)
        self.create_account = CreateAccount(begin, identifiers, passwords)
        self.edit_account = EditAccount(begin)
        self.set_password = SetPassword(read, begin, passwords)
        self.list_tokens, self.create_token = ListTokens(read), CreateToken(begin, texts)
        self.rotate_token, self.revoke_token = RotateToken(begin, texts), RevokeToken(begin)
        self.log_in = AtTheDoor(LogIn(read, begin, passwords, texts), self.record_refusal)
        anybody = AuthenticateAnybody(Authenticate(read, begin), AuthenticateAttempt(read))
        self.authenticate = AtTheDoor(anybody, self.record_refusal)

    def limit(self, project: str = "default", owner: str | None = None, **limits: int | None) -> None:
        changes = {LimitKind(kind): limit for kind, limit in limits.items()}
        self.change_limits.execute(ChangeLimitsCommand(project=project, owner=owner, changes=changes))

    @property
    def bookkeeping(self) -> Bookkeeping:
        return Bookkeeping(
            follow=self.follow_attempts,
            hand_out=self.hand_out_jobs,
            append=self.append_output,
            report=self.report_outcomes,
            renew=self.renew_attempts,
            crowds=self.find_crowds,
        )

    def sweep(self) -> int:
        return self.sweep_jobs.execute(SweepJobsCommand())

    def end_leases(self) -> int:
        return self.sweep_leases.execute(self.swept)


class Yard(UseCases):
    """A runner of two slots, driven by `driver`, over an empty store."""

    def __init__(
        self,
        store: Store,
        clock: ManualClock,
        identifiers: Identifiers | None = None,
        terms: LeaseTerms = USUAL,
        usual: UsualLimits = NO_LIMITS,
    ) -> None:
        super().__init__(store, clock, identifiers, terms=terms, usual=usual)
        self.store = store
        self.runner = self.register_runner.execute(
            RegisterRunnerCommand(name="here", kind=RunnerKind.LOCAL, slots=2),
        )
        self.runner = self.adopt("driver")

    def submit(self, **asked: Any) -> Job:
        (created,) = self.create_jobs.execute(CreateJobsCommand(submissions=[Submission(spec=a_spec(**asked))]))
        return created.accepted.job

    def get(self, job_id: JobId) -> Job:
        return self.get_job.execute(GetJobCommand(job_id=job_id)).job

    def cancel(self, job_id: JobId) -> Job:
        return self.cancel_job.execute(CancelJobCommand(job_id=job_id))

    def pause(self, job_id: JobId) -> Job:
        return self.pause_job.execute(PauseJobCommand(job_id=job_id))

    def resume(self, job_id: JobId) -> Job:
        return self.resume_job.execute(ResumeJobCommand(job_id=job_id))

    def force(self, job_id: JobId, why: str = "host is gone") -> Job:
        return self.force_finish.execute(ForceFinishCommand(job_id=job_id, why=why))

    def assign(self, most: int = 100) -> list[Assignment]:
        command = AssignJobsCommand(runner_id=self.runner.id, epoch=self.epoch, hello=HELLO, most=most)
        return self.assign_jobs.execute(command)

    def handed_out(self, **asked: Any) -> HandedOut:
        """A job that was submitted, claimed and ordered to start; nothing else may wait."""
        self.submit(**asked)
        (handed_out,) = self.hand_out()
        return handed_out

    def hand_out(self, most: int = 100) -> list[HandedOut]:
        command = AssignJobsCommand(runner_id=self.runner.id, epoch=self.epoch, hello=HELLO, most=most)
        return self.hand_out_jobs.execute(command)

    def assigned(self, **asked: Any) -> Job:
        """A job that was submitted and claimed; nothing else may wait."""
        self.submit(**asked)
        (assignment,) = self.assign()
        return assignment.job

    def adopt(self, driver: str) -> Runner:
        command = AdoptRunnerCommand(runner_id=self.runner.id, driver_id=DriverId(driver))
        self.runner = self.adopt_runner.execute(command).runner
        return self.runner

    def report(self, *facts: Fact, fence: int) -> list[Counted]:
        fenced = [FencedFact(fact, fence) for fact in facts]
        return self.report_outcomes.execute(ReportOutcomesCommand(facts=fenced))

    def append(self, *chunks: LogChunk, fence: int) -> list[Any]:
        fenced = [FencedChunk(chunk, fence) for chunk in chunks]
        return self.append_output.execute(AppendOutputCommand(chunks=fenced))

    def chunk(self, job: Job, offset: int, data: bytes) -> LogChunk:
        return LogChunk(job.ref, offset, (LogRecord(Stream.STDOUT, self.clock.now(), data),))

    @property
    def epoch(self) -> int:
        assert self.runner.driver is not None
        return self.runner.driver.epoch


class MemoryYard(Yard):
    """All of it in memory."""

    store: MemoryStore

    def __init__(self, terms: LeaseTerms = USUAL) -> None:
        clock = ManualClock()
        super().__init__(MemoryStore(clock.now), clock, terms=terms)


def ended(job: Job, code: int = 0, *, log_size: int = 0, ending: Ending = Ending.EXIT) -> Ended:
    return Ended(job.ref, Outcome(ending=ending, exit_code=code, tree_empty=True, log_size=log_size))


def states(jobs: Sequence[Job]) -> list[str]:
    return [job.state.value for job in jobs]
