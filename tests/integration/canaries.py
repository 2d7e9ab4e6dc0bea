"""Values that nobody else has, and a search for them wherever they do not belong."""

import base64
import gzip
import os
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import create_engine, text

_A_JOBS: Final = b"\0RUNYARD_JOB_ID="
_LOOK_SECONDS: Final = 0.05


class Canaries:
    """All of one test, each with a name and the forms in which somebody could have written it down."""

    def __init__(self) -> None:
        self._forms: dict[str, tuple[bytes, ...]] = {}

    def new(self, name: str) -> str:
        """A value with characters that addresses and shells write otherwise."""
        core = os.urandom(15).hex()
        self._forms[name] = forms(core)
        return f"{name}'/+ {core}"

    def made(self, name: str, value: str) -> str:
        """A value somebody else made: the admin token, for instance."""
        core = re.sub(r"^ryu_[0-9A-Za-z]{16}_", "", value.strip())
        self._forms[name] = forms(core)
        return value

    def within(self, data: bytes) -> set[str]:
        """The names of those that can be read in it."""
        known = [*self._forms.items()]  # more may come from another thread meanwhile
        return {name for name, written in known if any(form in data for form in written)}

    def in_files(self, places: Iterable[Path]) -> Iterator[tuple[str, str]]:
        """(name of the file, name of the canary); what is packed is unpacked first."""
        for path in places:
            with suppress(OSError):
                data = path.read_bytes()
                if data.startswith(b"\x1f\x8b"):
                    data = gzip.decompress(data)
                yield from ((path.name, name) for name in self.within(data))

    def below(self, folder: Path) -> set[tuple[str, str]]:
        """The same for all files of a folder."""
        return set(self.in_files(files_below(folder)))

    def in_database(self, url: str) -> Mapping[str, set[str]]:
        """For each table that holds any, which."""
        found: dict[str, set[str]] = defaultdict(set)
        engine = create_engine(url)
        with engine.connect() as connection:
            for table in _tables(connection):
                for row in connection.execute(text(f'select * from "{table}"')):  # noqa: S608 - its own names
                    found[table] |= self.within(b"\0".join(map(_bytes, row)))
        engine.dispose()
        return {table: names for table, names in found.items() if names}


class Watch:
    """Looks at the command lines and environments of all processes, again and again, until it is left."""

    def __init__(self, canaries: Canaries) -> None:
        self._canaries = canaries
        self._stop = Event()
        self._thread = Thread(target=self._look_on, daemon=True)
        self.seen: set[tuple[str, str]] = set()
        """(what the process is called, name of the canary)."""
        self.looks = 0
        self.of_jobs: set[str] = set()
        """What jobs have in their own environments, as they should."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _look_on(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            for process in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    self._look(process)
            self.looks += 1

    def _look(self, process: Path) -> None:
        environment = b"\0" + (process / "environ").read_bytes()
        command = (process / "cmdline").read_bytes()
        if _A_JOBS in environment:
            self.of_jobs |= self._canaries.within(environment)
            environment = b""
        for name in self._canaries.within(environment + command):
            self.seen.add((command.replace(b"\0", b" ").decode(errors="replace")[:80], name))


def files_below(folder: Path) -> list[Path]:
    """All of them; folders may go while they are walked."""
    return [path for here, _, names in os.walk(folder) for name in names if (path := Path(here, name)).is_file()]


def files_in_memory() -> list[Path]:
    """What supervisors keep where files are in memory, whosever they are."""
    return [file for folder in Path("/dev/shm").glob("runyard-*") for file in files_below(folder)]


def forms(core: str) -> tuple[bytes, ...]:
    """As it is, in base64 wherever it begins in it, and in hexadecimal."""
    raw = core.encode()
    written = [raw, raw.hex().encode(), raw.hex().upper().encode()]
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw)
        written.append(encoded[4 if before else 0 : -4])
    return tuple(written)


def until_seen(watch: Watch, *names: str, seconds: float = 20) -> None:
    """Waits until it has looked at jobs that have these."""
    end = time.monotonic() + seconds
    while not watch.of_jobs.issuperset(names):
        assert time.monotonic() < end, f"no job has {names}"
        time.sleep(0.05)


def _tables(connection: Any) -> list[str]:
    asked = (
        "select name from sqlite_master where type = 'table'"
        if connection.dialect.name == "sqlite"
        else "select table_name from information_schema.tables where table_schema = 'public'"
    )
    return [str(name) for (name,) in connection.execute(text(asked))]


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
