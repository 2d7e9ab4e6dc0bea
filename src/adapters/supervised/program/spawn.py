"""Start one process: an argv or a script, as data, with exactly the environment it is to have."""

from __future__ import annotations

import contextlib
import os
import pwd
import resource
import shutil
import signal
import threading
from typing import Any, NamedTuple

from . import secret_files

_KEPT = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR")
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SIGNALS = sorted(set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP})


class StartFailed(Exception):
    """The program could not be started; the text is for people, the code is what a shell would have said."""

    def __init__(self, message: str, exit_code: int | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Spawned(NamedTuple):
    """The process, the two ends to read its output from, and the file that it may report to."""

    pid: int
    stdout: int
    stderr: int
    report: str


class Spawner:
    """Knows what the supervisor was given when it began, and gives that to the jobs."""

    def __init__(self, directory: str, umask: int, nofile: tuple[int, int]) -> None:
        self._directory = directory
        self._umask = umask
        self._jobs_nofile = nofile
        self._own_nofile = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._home = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._null = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        # The C library takes no descriptor beyond the limit of the jobs, under which a process is started.
        self._low = [os.dup(self._null) for _ in range(3)]
        self._base = _base_environment()

    def spawn(self, name: str, spec: dict[str, Any], extra: dict[str, str]) -> Spawned:
        """Start it in the supervisor's present cgroup, or raise `StartFailed`."""
        env = dict(self._base)
        env.update(spec.get("env") or {})
        env.update(spec.get("secrets") or {})
        files = self._files(name, spec)
        report = files.pop(secret_files.REPORT)
        env.update(files)
        env.update(extra)
        env["RUNYARD_REPORT"] = report
        argv = self._argv(name, spec)
        opened: list[int] = []
        try:
            stdin = self._stdin(name, spec, opened)
            stdout = _pipe(opened)
            stderr = _pipe(opened)
            pid = self._exec(argv, spec.get("cwd"), env, (stdin, stdout[1], stderr[1]))
        except BaseException:
            _close(opened)
            raise
        _close([descriptor for descriptor in opened if descriptor not in (stdout[0], stderr[0])])
        return Spawned(pid, stdout[0], stderr[0], report)

    def refuse_beyond(self, descriptors: int) -> None:
        """`StartFailed` if so many open files leave no room for more."""
        if descriptors > 0.9 * self._own_nofile[0]:
            raise StartFailed("the host has too many files open to start another process")

    def _argv(self, name: str, spec: dict[str, Any]) -> list[str]:
        script = spec.get("script")
        if script is None:
            return [str(argument) for argument in spec["argv"]]
        folder = os.path.join(self._directory, "a", name)
        os.mkdir(folder, 0o700)
        path = os.path.join(folder, "script")
        _write(path, script)
        return ["/bin/sh", path]

    def _stdin(self, name: str, spec: dict[str, Any], opened: list[int]) -> int:
        text = spec.get("stdin")
        if text is None:
            return self._null
        path = os.path.join(self._directory, "a", name + ".stdin")
        _write(path, text)
        opened.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        os.unlink(path)
        return opened[-1]

    def _files(self, name: str, spec: dict[str, Any]) -> dict[str, str]:
        """Those of its secrets; what it reports lies beside them, if it has any, as it may hold them too."""
        contents = spec.get("secret_files") or {}
        if not contents and not spec.get("secrets"):
            return {secret_files.REPORT: report_path(self._directory, name)}
        try:
            return secret_files.write(self._directory, name, contents)
        except OSError as error:
            raise StartFailed(f"cannot write the files of its secrets: {error.strerror}") from error

    def _default_folder(self) -> str:
        """The account's home; not every service account has one."""
        home = self._base["HOME"]
        return home if os.path.isdir(home) else "/"

    def _exec(self, argv: list[str], cwd: str | None, env: dict[str, str], ends: tuple[int, int, int]) -> int:
        """The supervisor takes on what the process shall have, starts it, and returns to its own."""
        actions = [(os.POSIX_SPAWN_DUP2, low, number) for number, low in enumerate(self._low)]
        os.umask(self._umask)
        try:
            _enter(self._default_folder() if cwd is None else cwd)
            candidates = _candidates(argv[0], env.get("PATH", _DEFAULT_PATH))
            self._keep(ends)
            resource.setrlimit(resource.RLIMIT_NOFILE, self._jobs_nofile)
            return _first(candidates, argv, env, actions)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, self._own_nofile)
            self._keep((self._null, self._null, self._null))
            os.fchdir(self._home)
            os.umask(0o077)

    def _keep(self, ends: tuple[int, int, int]) -> None:
        """Have the low descriptors stand for these."""
        for number, end in enumerate(ends):
            os.dup2(end, self._low[number], inheritable=False)


def report_path(directory: str, name: str) -> str:
    """The file to which a job without secrets may write progress and result."""
    return os.path.join(directory, "a", name + ".report")


def clean(directory: str, name: str) -> None:
    """Remove what an attempt was given in the file system."""
    folder = os.path.join(directory, "a", name)
    for path in (report_path(directory, name), folder + ".stdin", os.path.join(folder, "script")):
        with contextlib.suppress(OSError):
            os.unlink(path)
    with contextlib.suppress(OSError):
        os.rmdir(folder)
    for path in (folder, report_path(directory, name)):
        if os.path.lexists(path):  # full of what the job put there, who knows how much: the loop must not wait
            threading.Thread(target=shutil.rmtree, args=(path,), kwargs={"ignore_errors": True}, daemon=True).start()


def _base_environment() -> dict[str, str]:
    account = pwd.getpwuid(os.getuid())
    base = {"PATH": _DEFAULT_PATH, "HOME": account.pw_dir, "USER": account.pw_name, "LOGNAME": account.pw_name}
    base.update((k, v) for k, v in os.environ.items() if k in _KEPT or k.startswith("LC_"))
    base["PYTHONUNBUFFERED"] = "1"
    return base


def _enter(cwd: str) -> None:
    try:
        os.chdir(cwd)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StartFailed(f"cannot enter the working directory {cwd}: {reason}") from error


def _candidates(program: str, path: str) -> list[str]:
    if "/" in program:
        return [program]
    found = [os.path.join(folder or ".", program) for folder in path.split(":")]
    present = [candidate for candidate in found if os.path.isfile(candidate)]
    return [c for c in present if os.access(c, os.X_OK)] or present[:1] or [program]


def _first(candidates: list[str], argv: list[str], env: dict[str, str], actions: list[Any]) -> int:
    failure: OSError | None = None
    for candidate in candidates:
        if "/" not in candidate:
            break
        try:
            return _posix_spawn(candidate, argv, env, actions)
        except OSError as error:
            failure = failure or error
        except ValueError as error:
            raise StartFailed(f"cannot start {argv[0]}: {error}", 126) from error
    if failure is None:
        raise StartFailed(f"cannot start {argv[0]}: not found", 127)
    code = 127 if isinstance(failure, FileNotFoundError) else 126
    raise StartFailed(f"cannot start {argv[0]}: {failure.strerror}", code) from failure


def _posix_spawn(path: str, argv: list[str], env: dict[str, str], actions: list[Any]) -> int:
    try:
        return os.posix_spawn(path, argv, env, file_actions=actions, setsid=True, setsigmask=[], setsigdef=_SIGNALS)
    except NotImplementedError:  # an old C library: a process group must do
        return os.posix_spawn(path, argv, env, file_actions=actions, setpgroup=0, setsigmask=[], setsigdef=_SIGNALS)


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(text.encode("utf-8", "surrogateescape"))


def _pipe(opened: list[int]) -> tuple[int, int]:
    """A pipe from whose first end nobody ever waits to read."""
    ends = os.pipe()
    opened += ends
    os.set_blocking(ends[0], False)
    return ends


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
