from pathlib import Path

import pytest

from runyard.adapters.cryptography.keys import KeyFile
from runyard.adapters.cryptography.sealer import EnvelopeSealer
from runyard.adapters.memory.sealer import MemorySealer
from tests.contracts.sealer import Lockable, SealerContract


class InMemory:
    def __init__(self) -> None:
        self.sealer = MemorySealer()

    def lose(self, key: str) -> None:
        self.sealer.forget(key)


class InAFile:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.sealer = EnvelopeSealer(KeyFile(path, ours=True))

    def lose(self, key: str) -> None:
        kept = zip(self._path.read_text().splitlines(), KeyFile(self._path).read(), strict=True)
        lines = [line for line, name in kept if name != key]
        self._path.write_text("".join(f"{line}\n" for line in lines))


@pytest.fixture(params=["memory", "file"])
def lockable(request: pytest.FixtureRequest, tmp_path: Path) -> Lockable:
    return InMemory() if request.param == "memory" else InAFile(tmp_path / "secret.key")


class TestSealer(SealerContract):
    pass
