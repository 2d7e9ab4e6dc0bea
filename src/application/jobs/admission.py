"""What a submission must not ask for, and how much: beside what its specification checks by itself."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ...domain.errors import FieldProblem, RunyardError, pointer_to
from ...domain.jobs.environment import DeniedVariables
from ...domain.jobs.errors import UnknownSecret
from ...domain.jobs.ids import JobId
from ...domain.jobs.spec import JobSpec
from ..limits.submission_limits import SubmissionLimits
from ..ports.room import Room
from ..ports.work import SubmitWork


class Admission:
    """Says what is refused before anything is stored."""

    def __init__(self, room: Room, denied: DeniedVariables, limits: SubmissionLimits) -> None:
        self._room = room
        self._denied = denied
        self._limits = limits

    def refusals(self, work: SubmitWork, specs: Mapping[JobId, JobSpec]) -> dict[JobId, RunyardError]:
        """Why each of these is refused; `StorageFull` if there is no room for any."""
        if specs:
            self._room.require()
        known = _known(work, specs.values())
        found = {job_id: self._denied.refusal(spec) or _unknown(spec, known) for job_id, spec in specs.items()}
        refused: dict[JobId, RunyardError] = {job_id: refusal for job_id, refusal in found.items() if refusal}
        fitting = {job_id: spec for job_id, spec in specs.items() if job_id not in refused}
        return refused | self._limits.refusals(work, fitting)


def _known(work: SubmitWork, specs: Iterable[JobSpec]) -> frozenset[tuple[str, str]]:
    """The secrets there are, by project and name, of those that are named."""
    wanted = defaultdict[str, set[str]](set)
    for spec in specs:
        if spec.secret_names:
            wanted[spec.project] |= spec.secret_names
    return frozenset(
        (project, name) for project, names in wanted.items() for name in work.secrets.known(project, names)
    )


def _unknown(spec: JobSpec, known: frozenset[tuple[str, str]]) -> UnknownSecret | None:
    problems = [
        FieldProblem(
            pointer_to(f"/{field}", variable),
            f"the project {spec.project!r} has no secret {name!r}; set it with `runyard secret set {name}`",
        )
        for field in ("secrets", "secret_files")
        for variable, name in getattr(spec, field).items()
        if (spec.project, name) not in known
    ]
    return UnknownSecret(problems) if problems else None
