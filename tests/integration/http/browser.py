"""A real Chromium without a window, told what to do through its driver. It reaches nothing but this machine."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

START_SECONDS = 20.0


class BrowserUnavailable(Exception):
    """Chromium cannot run on this machine; the message says why."""


class Browser:
    """One window."""

    def __init__(self, driver: httpx2.Client, session: str) -> None:
        self._driver, self._session = driver, session

    def go(self, url: str) -> None:
        """Open a page, and wait until it is loaded."""
        self._say("url", {"url": url})

    def ask(self, script: str) -> Any:
        """What a script returns in the page."""
        return self._say("execute/sync", {"script": script, "args": []})

    def until(self, script: str, seconds: float = 30) -> Any:
        """What it returns once that is true."""
        end = time.monotonic() + seconds
        while not (answer := self.ask(script)):
            assert time.monotonic() < end, f"it never came true: {script}; {self.complaints()}"
            time.sleep(0.1)
        return answer

    def complaints(self) -> list[str]:
        """What it has written to its console since it was asked last: refusals by the policy, errors of scripts."""
        return [str(entry["message"]) for entry in self._say("se/log", {"type": "browser"})]

    def _say(self, command: str, body: dict[str, Any]) -> Any:
        answer = self._driver.post(f"/session/{self._session}/{command}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["value"]


@contextmanager
def running_browser(folder: Path) -> Iterator[Browser]:
    """A browser for the length of the block; nothing is left of it afterwards."""
    programs = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
    if None in programs.values():
        raise BrowserUnavailable("there is no chromium, or no chromedriver")
    with (
        (folder / "chromedriver.log").open("wb") as log,
        subprocess.Popen(
            [str(programs["chromedriver"]), "--port=0"], stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        try:
            with httpx2.Client(base_url=_address(process), trust_env=False, timeout=60) as driver:
                answer = driver.post("/session", json={"capabilities": {"alwaysMatch": _wanted(folder, programs)}})
                if answer.status_code != 200:
                    raise BrowserUnavailable(answer.json()["value"]["message"].partition("\n")[0])
                session = answer.json()["value"]["sessionId"]
                yield Browser(driver, session)
                driver.delete(f"/session/{session}")
        finally:
            process.terminate()


def _wanted(folder: Path, programs: dict[str, str | None]) -> dict[str, Any]:
    arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1400,1000",
        "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        f"--user-data-dir={folder / 'profile'}",
    ]
    return {
        "browserName": "chrome",
        "goog:chromeOptions": {"binary": programs["chromium"], "args": arguments},
        "goog:loggingPrefs": {"browser": "ALL"},
    }


def _address(process: subprocess.Popen[str]) -> str:
    """Where the driver listens: it says so, and then no more."""
    assert process.stdout is not None
    for line in process.stdout:
        if "started successfully on port" in line:
            return "http://127.0.0.1:" + line.rstrip(".\n").rpartition(" ")[2]
    raise BrowserUnavailable("chromedriver did not start")
