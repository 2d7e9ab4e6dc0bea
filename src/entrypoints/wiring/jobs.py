"""The use cases of jobs."""

from typing import Any

from dependency_injector import containers, providers

from ...application.jobs.admission import Admission
from ...application.jobs.append_output import AppendOutput
from ...application.jobs.assign_jobs import AssignJobs
from ...application.jobs.cancel_job import CancelJob
from ...application.jobs.cancel_jobs import CancelJobs
from ...application.jobs.create_jobs import CreateJobs
from ...application.jobs.execute_jobs import Bookkeeping, ExecuteJobs
from ...application.jobs.explain_job import ExplainJob
from ...application.jobs.find_crowds import FindCrowds
from ...application.jobs.follow_attempts import FollowAttempts
from ...application.jobs.force_finish import ForceFinish
from ...application.jobs.forget_keys import ForgetKeys
from ...application.jobs.forget_leftovers import ForgetLeftovers
from ...application.jobs.get_job import GetJob
from ...application.jobs.get_summary import GetSummary
from ...application.jobs.hand_out_jobs import HandOutJobs, WayBack
from ...application.jobs.list_attempts import ListAttempts
from ...application.jobs.list_jobs import ListJobs
from ...application.jobs.list_queues import ListQueues
from ...application.jobs.pause_job import PauseJob
from ...application.jobs.pause_queue import PauseQueue
from ...application.jobs.purge_jobs import PurgeJobs
from ...application.jobs.read_log import ReadLog
from ...application.jobs.renew_attempts import RenewAttempts
from ...application.jobs.report_outcomes import ReportOutcomes
from ...application.jobs.rerun_job import RerunJob
from ...application.jobs.rerun_jobs import RerunJobs
from ...application.jobs.resume_job import ResumeJob
from ...application.jobs.resume_queue import ResumeQueue
from ...application.jobs.sweep_jobs import SweepJobs, SweepJobsCommand
from ...application.jobs.sweep_leases import SweepLeases
from ...application.limits.submission_limits import SubmissionLimits
from ...application.ports.calling import UseCase
from ...application.secrets.resolve_secrets import ResolveSecrets
from .providers import use_case


def _errand(sweep: UseCase[SweepJobsCommand, int]) -> object:
    return lambda: sweep.execute(SweepJobsCommand())


def _carried(carrier: Any, broker: Any, errand: object) -> object:
    return carrier(broker, errand)


class JobsUseCases(containers.DeclarativeContainer):
    """Each use case once: they keep nothing between two calls."""

    adapters = providers.DependenciesContainer()
    _at = adapters.surroundings
    _begin, _read, _rings = adapters.begin, adapters.read, adapters.rings
    _terms, _limits = adapters.settings.provided.lease_terms, adapters.settings.provided.usual_limits

    sweep_jobs = use_case(SweepJobs, _at, begin=adapters.begin_steady, rings=_rings)
    sweep_leases = use_case(
        SweepLeases, _at, begin=adapters.begin_steady, clock=adapters.clock, rings=_rings, terms=_terms
    )
    control_tasks = providers.Singleton(
        _carried, adapters.carrier, adapters.broker, providers.Callable(_errand, sweep_jobs)
    )

    create_jobs = use_case(
        CreateJobs,
        _at,
        begin=_begin,
        read=_read,
        identifiers=adapters.identifiers,
        rings=_rings,
        control_tasks=control_tasks,
        admission=providers.Factory(
            Admission,
            room=adapters.room,
            denied=adapters.settings.provided.denied_variables,
            limits=providers.Factory(
                SubmissionLimits, rates=adapters.rates, turnstile=adapters.counters, usual=_limits
            ),
        ),
    )
    purge_jobs = use_case(PurgeJobs, _at, begin=_begin, retention=adapters.settings.provided.retention)
    rerun_job = use_case(RerunJob, _at, read=_read, create=create_jobs)
    forget_leftovers = use_case(ForgetLeftovers, _at, begin=_begin)
    forget_keys = use_case(ForgetKeys, _at, begin=_begin)
    list_queues = use_case(ListQueues, _at, read=_read)
    pause_queue = use_case(PauseQueue, _at, begin=_begin)
    resume_queue = use_case(ResumeQueue, _at, begin=_begin, rings=_rings)
    cancel_job = use_case(CancelJob, _at, begin=_begin, rings=_rings)
    pause_job = use_case(PauseJob, _at, begin=_begin, rings=_rings)
    resume_job = use_case(ResumeJob, _at, begin=_begin, rings=_rings)
    force_finish = use_case(ForceFinish, _at, begin=_begin, rings=_rings)
    explain_job = use_case(ExplainJob, _at, read=_read, usual=_limits)
    get_summary = use_case(GetSummary, _at, read=_read)
    get_job = use_case(GetJob, _at, read=_read)
    list_jobs = use_case(ListJobs, _at, read=_read)
    cancel_jobs = use_case(CancelJobs, _at, begin=_begin, pages=list_jobs, rings=_rings)
    rerun_jobs = use_case(
        RerunJobs,
        _at,
        begin=_begin,
        read=_read,
        pages=list_jobs,
        create=create_jobs,
        identifiers=adapters.identifiers,
    )
    list_attempts = use_case(ListAttempts, _at, read=_read)
    read_log = use_case(ReadLog, _at, read=_read)

    assign_jobs = use_case(AssignJobs, _at, begin=_begin, texts=adapters.token_texts, terms=_terms, usual=_limits)
    renew_attempts = use_case(RenewAttempts, _at, begin=adapters.begin_steady, rings=_rings)
    append_output = use_case(AppendOutput, _at, begin=_begin, rings=_rings)
    report_outcomes = use_case(ReportOutcomes, _at, begin=_begin, rings=_rings, control_tasks=control_tasks)
    resolve_secrets = use_case(ResolveSecrets, _at, read=_read, sealer=adapters.sealer)
    find_crowds = use_case(FindCrowds, _at, read=_read, usual=_limits)
    follow_attempts = use_case(FollowAttempts, _at, read=_read)
    way_back = providers.Singleton(WayBack, public=adapters.settings.provided.public_url)
    hand_out_jobs = use_case(HandOutJobs, _at, assign=assign_jobs, resolve=resolve_secrets, way_back=way_back)
    bookkeeping = providers.Singleton(
        Bookkeeping,
        follow=follow_attempts,
        hand_out=hand_out_jobs,
        append=append_output,
        report=report_outcomes,
        renew=renew_attempts,
        crowds=find_crowds,
    )
    execute_jobs = use_case(ExecuteJobs, _at, host=adapters.host, bookkeeping=bookkeeping)
