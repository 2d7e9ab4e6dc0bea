"""What can be asked of a queue."""

from pydantic import Field

from .bodies import Moment
from .request_body import StrictBody


class QueuePauseBody(StrictBody):
    """Why the queue is paused, and when that ends: at a moment, after so many seconds, or when it is resumed."""

    reason: str | None = Field(default=None, max_length=1000, description="Why, for people.")
    until: Moment | None = Field(default=None, description="A moment: RFC 3339 with zone.")
    seconds: float | None = Field(default=None, description="Instead of `until`: so many seconds from now.")
