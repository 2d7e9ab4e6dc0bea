"""What can be asked of secrets."""

from pydantic import Field

from .request_body import StrictBody


class SecretBody(StrictBody):
    """The value of a secret. No answer ever repeats it."""

    value: str = Field(repr=False, description="Text of at least 8 bytes and at most 16 KiB.")


class RotationBody(StrictBody):
    """How to rotate."""

    renew: bool = Field(
        default=False, description="Make a new key first; only an embedded server, whose keys are its own, does that."
    )
