"""Answers that are produced while they are sent."""

from asyncio import Event, get_running_loop, wait_for
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack, aclosing, contextmanager, suppress

from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import Receive, Send

Listen = Callable[[Callable[[], None]], Callable[[], None]]
"""Asks to be called, from any thread; the answer stops it."""


class StreamedResponse(ASGIStreamingResponse):
    """Closes its source however it ends: all sent, the reader gone, the server stopping."""

    def __init__(self, source: AsyncGenerator[bytes], *, media_type: str, headers: dict[str, str]) -> None:
        super().__init__(iterator=source, media_type=media_type, headers=headers, status_code=200)
        self._source = source

    async def send_body(self, send: Send, receive: Receive) -> None:
        async with aclosing(self._source):
            await super().send_body(send, receive)


class Wake:
    """Something happened, said by any thread, waited for in the event loop."""

    def __init__(self) -> None:
        self._event = Event()

    def clear(self) -> None:
        """Forget what was said so far. Call it before looking, so that nothing is missed."""
        self._event.clear()

    async def wait(self, seconds: float) -> bool:
        """Whether something was said within so many seconds."""
        try:
            await wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        return True

    @classmethod
    @contextmanager
    def of(cls, *listens: Listen) -> Iterator["Wake"]:
        """Woken by each of these until it is left."""
        wake, loop = cls(), get_running_loop()

        def say() -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(wake._event.set)

        with ExitStack() as stack:
            for listen in listens:
                stack.callback(listen(say))
            yield wake
