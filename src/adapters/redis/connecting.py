"""Connections to Redis or Valkey: never waited on for long, never retried behind one's back."""

from typing import Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as Silent
from redis.retry import Retry

from ...domain.errors import Refusal, RunyardError

ANSWER_SECONDS: Final = 2.0
_CONNECT_SECONDS: Final = 1.0


class RingsUnfit(RunyardError):
    """What answers refuses to serve us, or is something else."""

    refusal = Refusal.INVALID
    code = "rings-unfit"


class RingsUnreachable(RunyardError):
    """Nobody answers. Everything goes on without, a second later."""

    refusal = Refusal.UNAVAILABLE
    code = "rings-unreachable"


def connected(url: str) -> Redis:
    """A client for one thread or many; it connects when first used."""
    return Redis.from_url(
        url,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=_CONNECT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def check(url: str) -> None:
    """Does nothing if it answers as it should; else `RingsUnreachable` or `RingsUnfit`, with what to do."""
    with connected(url) as client:
        try:
            client.ping()
        except (Unreachable, Silent, OSError) as error:
            if "auth" in str(error).lower() or "password" in str(error).lower():
                raise RingsUnfit(f"Redis refuses us ({error}); correct RUNYARD_REDIS_URL") from error
            raise RingsUnreachable(
                f"Redis does not answer ({error}); is it running, is RUNYARD_REDIS_URL right?"
            ) from error
        except RedisError as error:
            raise RingsUnfit(f"Redis refuses us ({error}); correct RUNYARD_REDIS_URL") from error
