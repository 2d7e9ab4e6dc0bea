"""The suite of executors on the supervisor of this machine."""

import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from runyard.adapters.supervised.executor import SupervisedExecutor
from tests.contracts.collector import CollectorContract
from tests.contracts.deadman import DeadmanContract
from tests.contracts.executor import ExecutorContract
from tests.contracts.masking import MaskingContract
from tests.integration.supervised.yard import Yard, wait_for

pytestmark = pytest.mark.machine

WRITE = "import sys; sys.stdout.buffer.write({!r}); sys.stdout.flush()"
WAIT = "import time; time.sleep(3600)"


class Programs:
    """What a machine runs is written in Python, so that a shell's manners do not matter; `folder` can be read there."""

    def __init__(self, folder: Path, interpreter: str) -> None:
        self._folder, self._interpreter = folder, interpreter

    def python(self, *lines: str) -> tuple[str, ...]:
        return (self._interpreter, "-c", "\n".join(lines))

    def exits(self, code: int) -> tuple[str, ...]:
        return ("/bin/sh", "-c", f"exit {code}")

    def prints(self, data: bytes) -> tuple[str, ...]:
        path = self._folder / f"printed-{sha256(data).hexdigest()}"
        path.write_bytes(data)
        return ("/bin/cat", str(path))

    def prints_then_waits(self, data: bytes) -> tuple[str, ...]:
        return self.python(WRITE.format(data), WAIT)

    def prints_slowly(self, parts: Sequence[bytes]) -> tuple[str, ...]:
        first, *rest = (WRITE.format(part) for part in parts)
        # so slow that each part is read before the next one comes
        return self.python(first, *(line for write in rest for line in ("import time; time.sleep(3)", write)))

    def prints_on_both(self, out: bytes, err: bytes) -> tuple[str, ...]:
        return self.python(WRITE.format(out), WRITE.format(err).replace("stdout", "stderr"))

    def sleeps(self, seconds: float) -> tuple[str, ...]:
        return ("/bin/sleep", str(seconds))

    def ignores_term(self) -> tuple[str, ...]:
        return ("/bin/sh", "-c", "trap '' TERM; printf ready; exec sleep 3600")

    def reports(self, *lines: str) -> tuple[str, ...]:
        text = "".join(f"{line}\n" for line in lines)
        return self.python("import os", f"open(os.environ['RUNYARD_REPORT'], 'a', encoding='utf-8').write({text!r})")

    def copies_stdin(self) -> tuple[str, ...]:
        return ("/bin/cat",)

    def expects(self, name: str, value: str) -> tuple[str, ...]:
        return self.python("import os, sys", f"sys.exit(os.environ.get({name!r}) != {value!r})")

    def expects_in_file(self, name: str, value: str) -> tuple[str, ...]:
        return self.python("import os, sys", f"sys.exit(open(os.environ[{name!r}]).read() != {value!r})")

    def tells_its_directory(self) -> tuple[str, ...]:
        return self.python("import os, sys", "sys.stdout.write(os.getcwd())")

    def dies_by(self, signal: int) -> tuple[str, ...]:
        return ("/bin/sh", "-c", f"kill -{signal} $$; sleep 60")

    def is_missing(self) -> tuple[str, ...]:
        return ("/nowhere/such-program",)


class LocalMachine:
    """This machine."""

    def __init__(self, yard: Yard) -> None:
        self._yard = yard
        self.commands = Programs(yard.directory.parent, sys.executable)

    def connect(self) -> SupervisedExecutor:
        return self._yard.another()


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    yard = Yard(tmp_path_factory.mktemp("host") / "yard")
    yield yard
    wait_for(yard.executor.stop_supervisor)
    yard.close()


@pytest.fixture
def machine(yard: Yard) -> LocalMachine:
    return LocalMachine(yard)


class TestLocalExecutor(ExecutorContract):
    pass


class TestLocalMasking(MaskingContract):
    pass


class TestLocalCollector(CollectorContract):
    pass


class TestLocalDeadman(DeadmanContract):
    pass
