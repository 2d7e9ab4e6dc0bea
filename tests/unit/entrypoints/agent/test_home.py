"""The folder of an agent."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from runyard.entrypoints.agent.home import AgentRunsAlready, Home, NotRegistered


def test_a_folder_that_was_copied_is_told_from_the_original(tmp_path: Path) -> None:
    home = Home(tmp_path / "one").made()
    first = home.driver()
    shutil.copytree(home.folder, tmp_path / "two")

    assert home.driver() == first
    assert Home(tmp_path / "two").driver() != first


def test_one_agent_at_a_time_has_a_folder(tmp_path: Path) -> None:
    home = Home(tmp_path / "one").made()
    assert home.pid() is None
    home.lock()

    assert home.pid() is not None
    with pytest.raises(AgentRunsAlready, match="process"):
        Home(home.folder).lock()


def test_a_token_is_kept_for_this_account_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "one").made()
    with pytest.raises(NotRegistered, match="runyard agent register"):
        home.token()

    home.keep_token("ryr_one")
    home.keep_token("ryr_two")

    assert home.token() == "ryr_two"
    assert (home.folder / "token").stat().st_mode & 0o777 == 0o600
    assert home.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("kept", ["", "ryr_one\nryr_two", "ryr_öne", "two words"])
def test_what_cannot_be_sent_as_a_token_is_none(tmp_path: Path, kept: str) -> None:
    home = Home(tmp_path).made()
    home.keep_token(kept)

    with pytest.raises(NotRegistered) as refused:
        home.token()
    assert not kept or kept not in str(refused.value)


class Looked(Home):
    """Somebody asks which process is the agent, and has the lock until we ask the same."""

    looker: int | None = None

    def pid(self) -> int | None:
        if self.looker is not None:
            os.close(self.looker)
            self.looker = None
        return super().pid()


def test_whoever_asks_which_process_is_the_agent_keeps_none_from_starting(tmp_path: Path) -> None:
    home = Looked(tmp_path)
    home.looker = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(home.looker, fcntl.LOCK_SH)

    home.lock()

    assert Home(tmp_path).pid() == os.getpid()


def test_how_things_stand_is_told_if_it_can_be_and_nothing_fails_if_not(tmp_path: Path) -> None:
    home = Home(tmp_path).made()
    home.tell(state="connected")
    (tmp_path / "status.json.new").mkdir()  # as good as a full disk: it cannot be written

    home.tell(state="disconnected")

    assert home.told() == {"state": "connected"}
