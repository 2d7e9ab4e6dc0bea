"""Values of the core as JSON, and back by their types.

Written by hand because texts may hold what no UTF-8 has (names of files, as a host told them): JSON escapes carry it,
validating libraries refuse it. A field that is missing has its default, so older archives stay readable.
"""

from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def plain(value: Any) -> Any:
    """The value, in what JSON knows."""
    match value:
        case Enum():
            said = value.value
        case None | bool() | int() | float() | str():
            said = value
        case datetime():
            said = value.isoformat()
        case Mapping():
            said = {key: plain(each) for key, each in value.items()}
        case frozenset():
            said = sorted(plain(each) for each in value)
        case tuple():
            said = [plain(each) for each in value]
        case _:
            said = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return said


def valued(kind: Any, said: Any) -> Any:
    """The value of this type; `TypeError` or `ValueError` if that is none."""
    kind = getattr(kind, "__supertype__", kind)
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _one_of(get_args(kind), said)
    if origin is None:
        return _single(kind, said)
    return _many(origin, get_args(kind), said)


def _one_of(kinds: tuple[Any, ...], said: Any) -> Any:
    if said is None and NoneType in kinds:
        return None
    fitting = [kind for kind in kinds if kind is not NoneType and isinstance(said, str) == (kind is str)]
    return valued(fitting[0] if fitting else next(kind for kind in kinds if kind is not NoneType), said)


def _single(kind: Any, said: Any) -> Any:
    if _is_value(kind):
        types = _types(kind)
        made: Any = kind
        return made(**{name: valued(types[name], each) for name, each in _object(said, kind).items()})
    if kind is datetime:
        moment = datetime.fromisoformat(said)
        if moment.tzinfo is None:
            raise ValueError("a time without its zone")
        return moment
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(said)
    if kind is float and type(said) is int:
        return float(said)
    if kind not in (str, int, float, bool) or type(said) is not kind:
        raise TypeError(f"{type(said).__name__} where {getattr(kind, '__name__', kind)} belongs")
    return said


def _many(origin: Any, of: tuple[Any, ...], said: Any) -> Any:
    if issubclass(origin, Mapping):
        return {valued(of[0], key): valued(of[1], each) for key, each in _object(said, origin).items()}
    if origin not in (tuple, frozenset) or not isinstance(said, list):
        raise TypeError(f"{type(said).__name__} where {origin.__name__} belongs")
    return origin(valued(of[0], each) for each in said)


def _object(said: Any, kind: Any) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise TypeError(f"{type(said).__name__} where {kind.__name__} belongs")
    unknown = said.keys() - _types(kind).keys() if _is_value(kind) else ()
    if unknown:
        raise ValueError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    return said


def _is_value(kind: Any) -> bool:
    return is_dataclass(kind)


@cache
def _types(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(kind)
