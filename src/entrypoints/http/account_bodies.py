"""What can be asked of accounts and projects."""

from pydantic import Field

from .request_body import StrictBody


class ProjectBody(StrictBody):
    """A new project."""

    name: str = Field(description="1 to 63 lower-case letters, digits or `-`, a letter or digit first.")
