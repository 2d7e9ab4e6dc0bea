"""Whatever is secret goes through every door, and much goes wrong; afterwards it is searched for everywhere."""

import base64
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

import runyard
from tests.integration.canaries import Canaries, Watch, files_in_memory, until_seen
from tests.integration.server import Server, until

pytestmark = pytest.mark.servers

API = "/api/v1"
OF_JOBS = {"argument", "stdin", "variable"}
"""Told to whoever sees the job; kept with it, and in no log or command line of ours."""
FAILING = (
    "set_secret.after_commit=raise@3,set_password.before_commit=raise@3,create_token.after_commit=raise@3,"
    "create_jobs.before_commit=raise@6,create_jobs.after_commit=raise@6"
)


class Story:
    """One server, what is said to it, and what it answered."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.canaries = folder, Canaries()
        self.server = Server(folder, "--slots", "4", RUNYARD_LOG_LEVEL="debug", RUNYARD_FAILPOINTS=FAILING)
        self.refusals: list[httpx2.Response] = []
        self.others: list[httpx2.Response] = []

    def new(self, name: str) -> str:
        return self.canaries.new(name)

    def start(self) -> None:
        self.server.keep_address()
        self.server.start()
        self.canaries.made("admin token", Path(self.server.address["token_file"]).read_text())

    @contextmanager
    def http(self) -> Iterator[httpx2.Client]:
        token = Path(self.server.address["token_file"]).read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        with httpx2.Client(base_url=self.server.address["url"], headers=headers, timeout=30, trust_env=False) as client:
            yield client

    def ask(self, client: httpx2.Client, method: str, path: str, **said: Any) -> Any:
        answer = client.request(method, path if path.startswith("/metrics") else f"{API}{path}", **said)
        (self.refusals if answer.status_code >= 400 else self.others).append(answer)
        return answer.json() if answer.headers.get("content-type", "").endswith("json") else None

    def command(self, *argv: str, said: str = "", status: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "runyard.entrypoints.cli", *argv],
            env={**self.server.environment, "RUNYARD_URL": self.server.address["url"], "RUNYARD_TOKEN": ""},
            input=said,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == status, (argv, done.stderr)
        with (self.folder / "commands.err").open("a") as file:
            file.write(done.stderr)
        return done.stdout


def test_what_is_secret_is_found_nowhere_it_does_not_belong(tmp_path: Path) -> None:
    story = Story(tmp_path)
    try:
        with Watch(story.canaries) as watch:
            story.start()
            accounts_are_made(story)
            what_is_wrong_is_refused(story)
            jobs_run_and_crash(story, watch)
            the_server_fails(story)
            the_library_does_the_same(story)
            others = told_by_others(story)
    finally:
        story.server.close()

    assert watch.looks > 20
    assert watch.of_jobs >= {"secret", "variable"}
    assert watch.seen == {(name, one) for name, one in watch.seen if one == "argument" and name.startswith("sh -c")}
    assert [answer.text for answer in story.refusals if story.canaries.within(said_in(answer))] == []
    assert len(story.refusals) > 20
    assert others == {("/api/v1/jobs", "argument")}  # lists show commands
    assert story.canaries.in_database(f"sqlite:///{story.server.database}") == {"job_spec": OF_JOBS}
    assert files_that_hold_any(story) == {
        ("admin.token", "admin token"),
        ("logins.json", "token"),
        *(("runyard.db", name) for name in OF_JOBS),
        *((file, name) for file in ("yard.gz", "backup.db") for name in OF_JOBS),
    }


def accounts_are_made(story: Story) -> None:
    password, new_password = story.new("password"), story.new("new password")
    with story.http() as client:
        story.ask(client, "POST", "/accounts", json={"name": "ann", "password": password, "email": "a@b.example"})
        story.ask(client, "PUT", "/projects/default/members/ann", json={"role": "admin"})
        made = story.ask(client, "POST", "/tokens", json={"account": "ann", "name": "first"})
        token = story.canaries.made("token", made["text"])
        turned = story.ask(client, "POST", f"/tokens/{made['id']}/rotate", json={"grace": 3600})
        story.canaries.made("rotated token", turned["text"])
        story.ask(client, "POST", "/accounts/ann/password", json={"new": new_password})
    story.command("user", "password", "ann", said=f"{new_password}\n")
    story.command("login", said=f"{token}\n")
    story.command("secret", "set", "db", said=story.new("secret") + "\n")
    story.command("secret", "set", "deploy-key", said=story.new("secret file") + "\n")
    story.command("secret", "set", "short", said="1234567\n", status=2)


def what_is_wrong_is_refused(story: Story) -> None:
    wrong = story.new("refused value")
    bodies: list[tuple[str, str, Any]] = [
        ("PUT", "/secrets/db", {"value": [wrong]}),
        ("PUT", "/secrets/db", {"value": wrong, "more": wrong}),
        ("PUT", "/secrets/db", {"valu": wrong}),
        ("PUT", "/secrets/db", {"value": wrong + "\0"}),
        ("PUT", "/secrets/db", {"value": wrong * 1000}),
        ("PUT", "/secrets/-", {"value": wrong}),
        ("PUT", "/secrets/db?project=none", {"value": wrong}),
        ("POST", "/accounts", {"name": "ann", "password": wrong}),
        ("POST", "/accounts", {"name": "No Name", "password": wrong}),
        ("POST", "/accounts", {"name": "ben", "password": wrong * 1000}),
        ("POST", "/accounts", {"name": "ben", "password": {wrong: wrong}}),
        ("POST", "/accounts", {"name": "ben", "kind": "service", "password": wrong}),
        ("POST", "/accounts/none/password", {"new": wrong}),
        ("POST", "/accounts/ann/password", {"new": wrong, "old": wrong, "more": wrong}),
        ("POST", "/login", {"name": "ann", "password": wrong}),
        ("POST", "/login", {"name": "nobody", "password": wrong}),
        ("POST", "/login", {"name": [wrong], "password": wrong}),
        ("POST", "/jobs", {"command": 1, "env": {"A": wrong}, "stdin": wrong}),
        ("POST", "/jobs", {"command": ["true"], "env": {"A": wrong + "\0"}, "stdin": wrong}),
        ("POST", "/jobs", {"command": ["true"], "env": {"A": [wrong]}}),
        ("POST", "/jobs", {"command": ["true"], "stdin": wrong, "queue": "No Queue"}),
        ("POST", "/jobs/batch", {"jobs": [{"command": 1, "stdin": wrong}], "more": wrong}),
    ]
    with story.http() as client:
        for method, path, body in bodies:
            story.ask(client, method, path, json=body)
            story.ask(client, method, path, content=json.dumps(body)[:-1], headers={"Content-Type": "application/json"})
            story.ask(client, method, path, content=wrong, headers={"Content-Type": "text/plain"})
        core = wrong.rpartition(" ")[2]
        for scheme in ("Bearer", "Basic", "Token"):
            for token in (core, f"ryu_{'a' * 16}_{core[:30]}{'b' * 19}", base64.b64encode(core.encode()).decode()):
                story.ask(client, "GET", "/jobs", headers={"Authorization": f"{scheme} {token}"})
        story.ask(client, "GET", "/jobs", params={"token": core, "access_token": core})
    story.command("login", said=f"{core}\n", status=4)
    story.command("login", "--name", "ann", said=f"{wrong}\n", status=4)


def jobs_run_and_crash(story: Story, watch: Watch) -> None:
    variable, stdin, argument = (story.new(name) for name in ("variable", "stdin", "argument"))
    given = {"secrets": {"TOKEN": "db"}, "secret_files": {"KEY": "deploy-key"}, "env": {"PLAIN": variable}}
    tells = (
        'cat "$KEY" >&2; echo "$TOKEN"; echo "{\\"result\\": [\\"$TOKEN\\"]}" > "$RUNYARD_REPORT"; echo told; sleep 60'
    )
    crashes = 'echo "$TOKEN" "$(cat "$KEY")"; kill -9 $$'
    with story.server.client() as yard:
        running = yard.submit(tells, name="tells", stdin=stdin, **given)  # type: ignore[arg-type]
        yard.submit(["sh", "-c", "sleep 3", argument], name="argument")
        until(lambda: b"told" in b"".join(yard.logs(running)))
        until_seen(watch, "secret", "variable")
        for job in (
            yard.submit(crashes, **given),  # type: ignore[arg-type]
            yard.submit(["/nowhere/program"], **given),  # type: ignore[arg-type]
            yard.submit(["true"], cwd="/nowhere", stdin=stdin, **given),  # type: ignore[arg-type]
        ):
            assert yard.wait(job, timeout=60).state == "failed"
        story.server.kill()
        story.server.start()
        yard.cancel(running)
        ended = yard.wait(running, timeout=60)
        assert ended.result == ["[masked]"]
        assert story.canaries.within(b"".join(yard.logs(running)) + repr(yard.attempts(running)).encode()) == set()


def the_server_fails(story: Story) -> None:
    """Its failpoints, and a database that has no such table."""
    again = story.new("what was not stored")
    with story.http() as client, sqlite3.connect(story.server.database, timeout=20) as database:
        for _ in range(7):
            story.ask(client, "POST", "/jobs", json={"command": ["true"]})
            story.ask(client, "PUT", "/secrets/other", json={"value": again})
            story.ask(client, "POST", "/accounts/ann/password", json={"new": again})
            made = story.ask(client, "POST", "/tokens", json={"account": "ann"})
            story.canaries.made(f"token {len(story.others)}", made.get("text", again))
        assert sum(answer.status_code == 500 for answer in story.refusals) >= 5
        for table, method, path, body in (
            ("sealed", "PUT", "/secrets/other", {"value": again}),
            ("account", "POST", "/accounts", {"name": "carl", "password": again}),
            ("account", "POST", "/login", {"name": "ann", "password": again}),
            ("job_spec", "POST", "/jobs", {"command": [again], "env": {"A": again}, "stdin": again}),
        ):
            database.execute(f"alter table {table} rename to away")
            database.commit()
            story.ask(client, method, path, json=body)
            assert story.refusals[-1].status_code >= 500, (path, story.refusals[-1].text)
            database.execute(f"alter table away rename to {table}")
            database.commit()


def the_library_does_the_same(story: Story) -> None:
    with runyard.embedded(data_dir=story.folder / "library", slots=1) as yard:
        yard.secrets.set("own", story.new("secret of the library"))
        job = yard.wait(yard.submit('echo "$T"; exit 3', secrets={"T": "own"}), timeout=60)
        assert (job.exit_code, b"".join(yard.logs(job))) == (3, b"[masked]\n")


def told_by_others(story: Story) -> set[tuple[str, str]]:
    """What lists, metrics, the document and explanations say; a copy and an export are made."""
    with story.http() as client:
        asked = ["/jobs", "/secrets", "/accounts", "/tokens", "/accounts/ann", "/me", "/queues", "/runners", "/metrics"]
        answers = [client.get(path if path == "/metrics" else f"{API}{path}") for path in asked]
        answers.append(client.get("/schema/openapi.json"))
    story.command("backup", str(story.folder / "backup.db"), "--data-dir", str(story.server.data_dir))
    story.server.stop()
    story.command("export", str(story.folder / "yard.gz"), "--data-dir", str(story.server.data_dir))
    assert all(answer.status_code == 200 for answer in answers)
    return {(answer.request.url.path, name) for answer in answers for name in story.canaries.within(said_in(answer))}


def files_that_hold_any(story: Story) -> set[tuple[str, str]]:
    """A database that was written beside its log holds what it holds, whatever its files are called."""
    found = story.canaries.below(story.folder) | set(story.canaries.in_files(files_in_memory()))
    return {(file.removesuffix("-wal"), name) for file, name in found}


def said_in(answer: httpx2.Response) -> bytes:
    return f"{answer.headers} {answer.text}".encode()
