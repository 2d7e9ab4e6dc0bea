"""What can be asked of a runner."""

from pydantic import Field

from ...domain.ends import End
from .bodies import Moment
from .request_body import StrictBody


class RunnerEditBody(StrictBody):
    """What shall be different; what is left out stays as it is."""

    slots: int | None = Field(default=None, description="How many attempts run at once; fewer end nothing that runs.")
    queues: list[str] | None = Field(default=None, description="The queues it takes from; `*` is all.")
    labels: dict[str, str] | None = Field(default=None, description="All its labels.")
    shared_with: list[str] | None = Field(default=None, description="Other projects that may use it; `*` is all.")
    owners: list[str] | None = Field(default=None, description="Whose jobs it takes; `*` is everybody's.")


class CordonBody(StrictBody):
    """Why the runner is closed."""

    note: str | None = Field(default=None, max_length=1000, description="Why, for people.")


class PauseBody(CordonBody):
    """Why the runner is closed, and when that ends: at a moment, or so many seconds from now."""

    until: Moment | None = Field(default=None, description="A moment: RFC 3339 with zone.")
    seconds: float | None = Field(default=None, description="Instead of `until`: so many seconds from now.")

    @property
    def end(self) -> End:
        """When it ends, or `InvalidRunner`."""
        return End(until=self.until, seconds=self.seconds)


class DrainBody(PauseBody):
    """Why the runner is emptied, and by when. What still runs then is cancelled; without an end nothing is."""
