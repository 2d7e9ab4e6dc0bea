"""What is done by hand at a store: its settings, a log, the file of an embedded one, and a sentence where it fails."""

from collections.abc import Callable
from pathlib import Path

from ..domain.errors import Refusal, RunyardError
from .complaining import complained
from .logging import configure_logging
from .settings import Settings, read_settings


class NoSuchStore(RunyardError):
    """There is none."""

    refusal = Refusal.NOT_FOUND
    code = "store-not-found"

    def __init__(self, file: Path) -> None:
        super().__init__(f"there is no database at {file}; name the data directory with --data-dir")


class StoreOfOthers(RunyardError):
    """There is a store, and this account may not read it."""

    refusal = Refusal.FORBIDDEN
    code = "store-of-others"


def stored(settings: Settings) -> Path:
    """The file of an embedded server's store, which is there and ours to read; `NoSuchStore`, or `StoreOfOthers`."""
    file = settings.data_dir / "runyard.db"
    try:
        file.open("rb").close()
    except FileNotFoundError:
        raise NoSuchStore(file) from None
    except OSError as error:
        raise StoreOfOthers(f"cannot read {file}: {error.strerror}; use the account that runs the server") from None
    return file


def done(data_dir: Path | None, act: Callable[[Settings], None]) -> int:
    """Do it at the store that the environment means, or the one in this directory; the exit code."""
    try:
        settings = read_settings(Settings, {"data_dir": data_dir})
        configure_logging(settings.log_level)
        act(settings)
    except RunyardError as refusal:
        return complained(refusal)
    return 0
