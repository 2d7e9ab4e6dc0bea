"""What a user installs: the wheel built from the sdist, in environments that have nothing else."""

import json
import os
import select
import signal
import subprocess
import sys
import tarfile
import time
import urllib.request
import venv
import zipfile
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120
STOP_SECONDS = 60

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(300)]


def run(*argv: str | Path, cwd: Path) -> str:
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{argv} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel; without arguments `build` makes the wheel from the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def sdist(distributions: Path) -> Path:
    return next(distributions.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def wheel(distributions: Path) -> Path:
    return next(distributions.glob("*.whl"))


def installed(wheel: Path, requirements: str, folder: Path) -> Path:
    """The folder of programs of a new environment with the pinned requirements and the wheel."""
    venv.create(folder, with_pip=True)
    pip: list[str | Path] = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run(*pip, "--require-hashes", "--requirement", ROOT / "requirements" / requirements, cwd=folder)
    run(*pip, "--no-deps", wheel, cwd=folder)
    run(folder / "bin/python", "-m", "pip", "check", cwd=folder)
    return folder / "bin"


@pytest.fixture(scope="module")
def base(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(wheel, "base.txt", tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def server(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(wheel, "server.txt", tmp_path_factory.mktemp("server"))


def tracked_sources() -> set[str]:
    argv = ["git", "-c", "safe.directory=*", "ls-files", "src"]
    listed = subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    return {name.replace("src/", "runyard/", 1) for name in listed}


def test_the_wheel_is_one_package_and_holds_every_source(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert {name.partition("/")[0] for name in names} == {"runyard"}
    assert tracked_sources() <= names
    assert any(name.startswith("runyard/domain/") for name in names)


def test_the_sdist_has_what_its_reader_needs(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "src/__init__.py", "tests/__init__.py"} <= names


def test_the_base_installation_tells_its_version(base: Path, tmp_path: Path) -> None:
    told = run(base / "runyard", "version", cwd=tmp_path)

    assert "0.1.0" in told


def test_the_base_installation_has_nothing_of_the_server(base: Path, tmp_path: Path) -> None:
    listed = json.loads(run(base / "python", "-m", "pip", "list", "--format", "json", cwd=tmp_path))
    names = {package["name"].lower() for package in listed}

    assert {"runyard", "httpx2", "cyclopts", "rich", "structlog"} <= names
    assert names.isdisjoint({"litestar", "sqlalchemy", "dramatiq", "dependency-injector", "pydantic", "uvicorn"})


def test_the_server_installation_serves_and_stops_on_ctrl_c(server: Path, tmp_path: Path) -> None:
    argv: list[str | Path] = [server / "runyard", "up", "--port", "0", "--data-dir", tmp_path / "data", "--json"]
    with (tmp_path / "stderr").open("w") as errors:
        process = subprocess.Popen(argv, cwd=tmp_path, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        told = json.loads(first_line(process, tmp_path / "stderr"))

        assert set(told) >= {"url", "token_file", "data_dir", "pid"}
        assert answers(f"{told['url']}/livez") == 200
        assert Path(told["token_file"]).stat().st_mode & 0o777 == 0o600

        process.send_signal(signal.SIGINT)
        assert process.wait(STOP_SECONDS) in {0, 130}
    finally:
        process.kill()
        process.wait()


def first_line(process: subprocess.Popen[str], errors: Path) -> str:
    assert process.stdout
    readable, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline() if readable else ""
    assert line, f"nothing was printed: {errors.read_text()}"
    return line


def answers(url: str) -> int:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=60) as response:  # noqa: S310 - told by the server itself
                return int(response.status)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_the_base_installation_is_the_agent_of_a_server(base: Path, server: Path, tmp_path: Path) -> None:
    """By the page: add, register, start, run."""
    apart = {**os.environ, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), "XDG_RUNTIME_DIR": ""}
    folder, data = tmp_path / "agent", tmp_path / "data"
    serving: list[str | Path] = [server / "runyard", "up", "--port", "0", "--data-dir", data, "--json"]

    def says(program: Path, *argv: str | Path, given: str = "") -> str:
        done = subprocess.run(
            [program, *argv], env=apart, input=given, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    with (tmp_path / "stderr").open("w") as errors, ExitStack() as stack:
        up = stack.enter_context(subprocess.Popen(serving, env=apart, stdout=subprocess.PIPE, stderr=errors, text=True))
        stack.callback(up.send_signal, signal.SIGINT)
        url = json.loads(first_line(up, tmp_path / "stderr"))["url"]
        ticket = says(server / "runyard", "runner", "add", "agent", "box", "--quiet")
        says(base / "runyard", "agent", "register", "--url", url, "--dir", folder, given=ticket)
        starting: list[str | Path] = [base / "runyard", "agent", "start", "--dir", folder, "--json"]
        agent = stack.enter_context(
            subprocess.Popen(starting, env=apart, stdout=subprocess.PIPE, stderr=errors, text=True)
        )
        stack.callback(agent.send_signal, signal.SIGINT)
        assert json.loads(first_line(agent, tmp_path / "stderr"))["runner"] == "box"

        said = says(base / "runyard", "run", "--runner", "box", "--", "echo", "from the base")

        assert said == "from the base\n"
        says(base / "runyard", "agent", "stop", "--dir", folder, "--timeout", "20s")
        supervisor_ends(folder / "host")


def supervisor_ends(folder: Path) -> None:
    """A supervisor stays for the next agent; here there is none."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(os.getpid()):
            with suppress(OSError):
                if str(folder).encode() in (entry / "cmdline").read_bytes().split(b"\0"):
                    os.kill(int(entry.name), signal.SIGKILL)
