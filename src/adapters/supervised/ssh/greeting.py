"""Past a login shell, whatever it is and prints, to an interpreter that runs a text of ours.

What the login shell is given is one line without quotes of its own, backslashes, `!` or line ends, so that sh, csh
and fish read it alike: a call of /bin/sh, which looks for an interpreter. That interpreter answers with a word nobody
can have said before, and only then is it sent the text. Nothing of a job is ever in it.
"""

import json
import re
import secrets
import time
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import paramiko

from ....application.ports.executor import HostUnreachable
from ....application.ports.ssh_hosts import HostUnfit
from ....domain.runners.check import LEAST_PYTHON
from ... import supervised

_SHELL_SECONDS: Final = 30.0
_MOST_NOISE: Final = 1 << 20
_SHOWN_NOISE: Final = 300
_MOST_LINE: Final = 1 << 16
_ANSWER_SECONDS: Final = 30.0
_NEWEST_PYTHON: Final = 16
_PLACES: Final = ("python3", "/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3")
_CONTROL: Final = re.compile(r"[^\n -~]+")


@dataclass(frozen=True, slots=True)
class Greeting:
    """What stood between us and the interpreter: what the login shell printed, and for how long we waited."""

    noise: bytes
    seconds: float


def far_text(name: str, asked: dict[str, Any]) -> bytes:
    """A text of `supervised/far`, called with what it is asked."""
    source = files(supervised) / "far" / f"{name}.py"
    return source.read_bytes() + f"\nmain({json.dumps(asked)!r})\n".encode()


def greet(channel: paramiko.Channel, text: bytes) -> Greeting:
    """Have an interpreter run the text, its descriptors 0 and 1 the channel; `HostUnfit` where there is none."""
    word, never = secrets.token_hex(12).encode(), secrets.token_hex(12)
    begun = time.monotonic()
    channel.settimeout(_SHELL_SECONDS)
    try:
        channel.exec_command(_line(word, len(text), never))
        noise = _heard(channel, word, never.encode(), begun + _SHELL_SECONDS)
        channel.sendall(text)
    except paramiko.SSHException as error:
        raise HostUnreachable(f"the host runs no command for us: {error}") from error
    except TimeoutError as error:
        raise HostUnreachable(
            "the login shell does not get as far as running a command; look at its rc files"
        ) from error
    except (OSError, EOFError) as error:
        raise HostUnreachable("the connection broke while the login shell was starting") from error
    return Greeting(noise, time.monotonic() - begun)


def line_from(channel: paramiko.Channel) -> dict[str, Any]:
    """The next line that the text prints, which is a JSON object."""
    channel.settimeout(_ANSWER_SECONDS)
    line = bytearray()
    try:
        while not line.endswith(b"\n"):
            byte = channel.recv(1)
            if not byte or len(line) > _MOST_LINE:
                raise HostUnreachable("the host stopped answering while it was prepared")
            line += byte
        told = json.loads(line)
    except TimeoutError as error:
        raise HostUnreachable("the host does not answer while it is prepared") from error
    except (OSError, ValueError) as error:
        raise HostUnreachable("what answers on the host is not what was sent there") from error
    if not isinstance(told, dict):
        raise HostUnreachable("what answers on the host is not what was sent there")
    return told


def _line(word: bytes, length: int, never: str) -> str:
    least = f"({LEAST_PYTHON[0]},{LEAST_PYTHON[1]})"
    said = ",".join(map(str, word))
    code = (
        f"import os;b=bytearray();os.write(1,bytes(({said})));"
        f"[b.extend(os.read(0,{length}-len(b)) or os._exit(1)) for _ in iter(lambda:len(b)<{length},False)];"
        "exec(bytes(b))"
    )
    names = " ".join((*_PLACES, *(f"python3.{minor}" for minor in range(_NEWEST_PYTHON, LEAST_PYTHON[1] - 1, -1))))
    script = (
        f'for p in {names}; do "$p" -I -S -c "import sys;sys.exit(sys.version_info<{least})" 2>/dev/null </dev/null '
        f'&& exec "$p" -I -S -c "{code}" 2>/dev/null; done; '
        f'echo {never[:8]}""{never[8:]}; python3 -V 2>&1; exit 3'
    )
    return f"/bin/sh -c '{script}'"


def _heard(channel: paramiko.Channel, word: bytes, never: bytes, until: float) -> bytes:
    """Everything before the word, which is taken from the channel too, and nothing after it."""
    heard = bytearray()
    while True:
        channel.settimeout(max(0.01, until - time.monotonic()))
        data = channel.recv(4096)
        heard += data
        if (found := heard.find(word)) >= 0:
            if len(heard) > found + len(word):
                raise HostUnreachable("what answers on the host is not what was sent there")
            return bytes(heard[:found])
        if not data:
            raise _none(channel, bytes(heard), never)
        if len(heard) > _MOST_NOISE:
            raise HostUnfit("the login shell prints without end; look at its rc files")


def _none(channel: paramiko.Channel, heard: bytes, never: bytes) -> Exception:
    """Why the login shell ended without an interpreter."""
    before, found, after = heard.partition(never)
    if found:
        version = _plain(after).removeprefix("Python ")
        there = f"python3 there is {version}" if version[:1].isdigit() else "there is no python3"
        least = ".".join(map(str, LEAST_PYTHON))
        return HostUnfit(
            f"Runyard needs Python {least} or newer on the host, and {there}; install it, for instance with "
            "`apt install python3` or `dnf install python3`"
        )
    said = _plain(before) or _plain(_errors(channel)) or "nothing"
    return HostUnfit(f"the account's login shell ends without running a command; it says: {said}")


def _errors(channel: paramiko.Channel) -> bytes:
    channel.settimeout(1.0)
    try:
        return bytes(channel.recv_stderr(4096))
    except (TimeoutError, OSError):
        return b""


def _plain(said: bytes) -> str:
    """On one line, without anything that could control a terminal."""
    return " ".join(_CONTROL.sub("?", said.decode(errors="replace")).split())[:_SHOWN_NOISE]
