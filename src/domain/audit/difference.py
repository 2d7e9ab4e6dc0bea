"""What is different about something: two maps of its fields, and no secret in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from .entry import Fields, Told

_LONGEST: Final = 500
_MOST: Final = 256


@dataclass(frozen=True, slots=True)
class Covered:
    """A value of which an entry tells that it is there and that it is another one, and nothing else."""

    value: str = field(repr=False)


Field = Told | Covered | datetime
"""A field as it is compared."""


def difference(before: Mapping[str, Field], after: Mapping[str, Field]) -> tuple[Fields, Fields]:
    """The fields that are not the same in both, as each has them. None is what is not there at all."""
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return _told(before, names), _told(after, names)


def _told(fields: Mapping[str, Field], names: Sequence[str]) -> Fields:
    return {name: _shown(fields[name]) for name in names if fields.get(name) is not None}


def _shown(value: Field) -> Told:
    match value:
        case Covered():
            return "set"
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case str():
            return _cut(value)
        case tuple():
            return tuple(_cut(each) for each in value[:_MOST])
        case _:
            return value


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
