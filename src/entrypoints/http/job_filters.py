"""Which jobs are meant: the same names in an address and in a body."""

from datetime import datetime
from typing import Annotated, Any, Final

from litestar import Request
from litestar.params import QueryParameter
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from ...application.ports.jobs import JobFilter
from ...domain.errors import FieldProblem, InvalidFields
from ...domain.jobs.ids import JobId
from ...domain.jobs.states import JobState
from .addresses import job_after
from .bodies import Moment
from .problems import wrong_parameter
from .request_body import StrictBody, read_body

MOST_AT_ONCE: Final = 10_000
_MOMENT: Final = TypeAdapter(Moment)

Project = Annotated[str | None, QueryParameter(description="Only jobs of this project.")]
Owner = Annotated[str | None, QueryParameter(description="Only jobs of this owner.")]
Queue = Annotated[str | None, QueryParameter(description="Only jobs of this queue.")]
Name = Annotated[str | None, QueryParameter(description="Only jobs of this name.")]
Label = Annotated[
    list[str] | None,
    QueryParameter(name="label", description="`key=value`: only jobs with this label; of several, with all of them."),
]
CreatedAfter = Annotated[str | None, QueryParameter(description="Only jobs of this moment or later: RFC 3339.")]
CreatedBefore = Annotated[str | None, QueryParameter(description="Only jobs from before this moment: RFC 3339.")]


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("nul", "must not hold NUL")
    return text


Text = Annotated[str, AfterValidator(_without_nul)]


class JobsMeantBody(StrictBody):
    """Which jobs are meant: those for which all of it is true. Something must be said."""

    state: list[JobState] = Field(default=[], description="In one of these states.")
    project: Text | None = Field(default=None, description="Of this project.")
    owner: Text | None = Field(default=None, description="Of this owner.")
    queue: Text | None = Field(default=None, description="Of this queue.")
    name: Text | None = Field(default=None, description="Of this name.")
    label: dict[Text, Text] = Field(default={}, description="With all these labels.")
    created_after: Moment | None = Field(default=None, description="Created at this moment or later.")
    created_before: Moment | None = Field(default=None, description="Created before this moment.")
    limit: int = Field(default=1000, ge=1, le=MOST_AT_ONCE, description="No more than so many, the newest.")
    cursor: str | None = Field(default=None, description="The `next_cursor` of the answer before.")
    dry_run: bool = Field(default=False, description="Only tell which.")

    @property
    def which(self) -> JobFilter:
        """The filter."""
        return JobFilter(
            states=frozenset(self.state),
            project=self.project,
            owner=self.owner,
            queue=self.queue,
            name=self.name,
            labels=frozenset(self.label.items()),
            created_after=self.created_after,
            created_before=self.created_before,
        )

    @property
    def after(self) -> JobId | None:
        """Behind which job to go on."""
        return job_after(self.cursor) if self.cursor is not None else None


def read_meant(request: Request[Any, Any, Any], body: bytes) -> JobsMeantBody:
    """What is asked for, and it is not everything."""
    asked = read_body(request, body, JobsMeantBody)
    if asked.which == JobFilter():
        raise InvalidFields([FieldProblem("", "say which jobs: by state, project, owner, queue, name, label or time")])
    return asked


def filter_of(
    states: list[JobState] | None,
    texts: dict[str, str | None],
    label: list[str] | None,
    id_part: str | None,
) -> JobFilter:
    """The filter in an address; `texts` are its parameters by name."""
    return JobFilter(
        states=frozenset(states or ()),
        id_part=id_part,
        project=texts["project"],
        owner=texts["owner"],
        queue=texts["queue"],
        name=texts["name"],
        labels=frozenset(_pair(text) for text in label or ()),
        created_after=moment_of("created_after", texts["created_after"]),
        created_before=moment_of("created_before", texts["created_before"]),
    )


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise wrong_parameter("label", "must be written key=value")
    return key, value


def moment_of(name: str, text: str | None) -> datetime | None:
    """The moment that a parameter of this name says."""
    if text is None:
        return None
    try:
        return _MOMENT.validate_python(text)
    except ValidationError as error:
        raise wrong_parameter(name, error.errors()[0]["msg"]) from None
