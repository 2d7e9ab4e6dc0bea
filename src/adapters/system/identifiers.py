"""Identities: UUIDs of version 7, so that ids grow with time."""

import os
import time
from collections.abc import Callable
from threading import Lock
from typing import Final
from uuid import UUID

from ...domain.accounts.ids import AccountId
from ...domain.jobs.ids import JobId
from ...domain.runners.ids import RunnerId

_STEPS_PER_MILLISECOND: Final = 1 << 12
_VERSION: Final = 7 << 76
_VARIANT: Final = 0b10 << 62
_RANDOM_BITS: Final = 62


class UuidIdentifiers:
    """RFC 9562, with the fraction of the millisecond in the 12 bits behind the version.

    Strictly growing within the process, even when the clock of the machine goes back.
    """

    def __init__(self, nanoseconds: Callable[[], int] = time.time_ns) -> None:
        self._nanoseconds = nanoseconds
        self._lock = Lock()
        self._last = 0

    def job_id(self) -> JobId:
        return JobId(self._next())

    def runner_id(self) -> RunnerId:
        return RunnerId(self._next())

    def account_id(self) -> AccountId:
        return AccountId(self._next())

    def _next(self) -> str:
        step = self._nanoseconds() * _STEPS_PER_MILLISECOND // 1_000_000
        with self._lock:
            self._last = step = max(step, self._last + 1)
        milliseconds, fraction = divmod(step, _STEPS_PER_MILLISECOND)
        random = int.from_bytes(os.urandom(8)) >> 64 - _RANDOM_BITS
        return str(UUID(int=milliseconds << 80 | _VERSION | fraction << 64 | _VARIANT | random))
