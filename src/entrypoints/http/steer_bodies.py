"""What can be asked of a running job."""

from pydantic import Field

from .request_body import StrictBody


class ForceFinishBody(StrictBody):
    """Why a job is given up."""

    reason: str = Field(min_length=1, max_length=1000, description="For whoever wonders later; it is kept.")
