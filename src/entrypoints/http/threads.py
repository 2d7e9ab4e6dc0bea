"""Threads of their own for streams and for large requests: however many there are, plain ones never wait for them."""

from asyncio import get_running_loop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")


class StreamThreads:
    """A few threads in which streams read the store, each for a bounded piece."""

    def __init__(self, most: int = 4) -> None:
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="stream")
        self._large = ThreadPoolExecutor(1, thread_name_prefix="large")

    async def run(self, work: Callable[[], T]) -> T:
        """What the work returns, done in one of the threads."""
        return await get_running_loop().run_in_executor(self._pool, copy_context().run, work)

    async def run_large(self, work: Callable[[], T]) -> T:
        """The same for work that takes much memory: one after the other."""
        return await get_running_loop().run_in_executor(self._large, copy_context().run, work)

    def close(self) -> None:
        """Take no more work; what is under way is let finish by itself."""
        for pool in (self._pool, self._large):
            pool.shutdown(wait=False, cancel_futures=True)
