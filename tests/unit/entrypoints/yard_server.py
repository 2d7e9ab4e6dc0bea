"""A small real HTTP server that speaks the contract, follows a script, breaks off and comes back."""

import base64
import contextlib
import json
import socket
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "rya_for_tests"
STEERED = {"pause": ("paused",), "resume": ("running",), "force-finish": ("failed",)}
FINAL = ("succeeded", "failed", "cancelled")


class ScriptedJob:
    """A job whose life the test tells."""

    def __init__(self, job_id: str, body: dict[str, Any]) -> None:
        self.view: dict[str, Any] = {
            "id": job_id,
            "state": "queued",
            "reason": None,
            "created_at": "2030-01-31T12:00:00Z",
            "cancel_requested": False,
            **body,
        }
        self.frames: list[bytes] = []
        self.log: list[tuple[str, bytes]] = []
        self.cuts: deque[int] = deque()  # bytes after which the next connections break off
        self.news = threading.Condition()
        self.stubborn = False

    @property
    def finished(self) -> bool:
        return self.view["state"] in FINAL

    def writes(self, data: bytes, stream: str = "stdout", attempt: int = 1) -> None:
        with self.news:
            try:
                encoding, text = "utf-8", data.decode()
            except UnicodeDecodeError:
                encoding, text = "base64", base64.b64encode(data).decode()
            offset = sum(len(piece) for _, piece in self.log)
            self.log.append((stream, data))
            said = {"attempt": attempt, "stream": stream, "offset": offset, "encoding": encoding, "data": text}
            self._frame("log", said)

    def becomes(self, state: str, **rest: Any) -> None:
        with self.news:
            self.view |= {"state": state, "attempt": 1, **rest}
            if state in FINAL:
                self.view["finished_at"] = "2030-01-31T12:00:05.250000Z"
            self._frame("end" if state in FINAL else "state", self.view)

    def _frame(self, name: str, said: dict[str, Any]) -> None:
        number = len(self.frames) + 1
        self.frames.append(f": ping\n\nid: p{number}\nevent: {name}\ndata: {json.dumps(said)}\n\n".encode())
        self.news.notify_all()


class YardServer:
    """Start and stop it as often as needed; what it knows survives."""

    def __init__(self) -> None:
        self.jobs: dict[str, ScriptedJob] = {}
        self.requests: list[tuple[str, str, dict[str, str], Any]] = []
        self.refusals: deque[tuple[int, dict[str, Any]]] = deque()
        self.forgetful = False  # sends everything again, whatever the client says it has
        self.without_stream = False
        self.cut_submissions = 0  # so many are done, but never answered
        self.hang_submissions = False  # they are done, but not answered
        self.keys: dict[str, ScriptedJob] = {}
        self._http: ThreadingHTTPServer | None = None
        self._sockets: set[socket.socket] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, port: int = 0) -> None:
        handler = type("Handler", (_Handler,), {"yard": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def kill(self) -> None:
        if self._http is None:
            return
        self._http.shutdown()
        self._http.server_close()
        self._http = None
        for connection in list(self._sockets):
            self.cut(connection)

    def cut(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    def job(self, job_id: str | None = None, **body: Any) -> ScriptedJob:
        job_id = job_id or f"0199a000-0000-7000-8000-{len(self.jobs) + 1:012x}"
        self.jobs[job_id] = ScriptedJob(job_id, {"command": ["true"], **body})
        return self.jobs[job_id]

    @property
    def submitted(self) -> dict[str, Any]:
        bodies: list[dict[str, Any]] = [
            body for method, path, _, body in self.requests if path.endswith("/jobs") and body
        ]
        return bodies[-1]

    def on_submit(self, job: ScriptedJob) -> None:
        """A test replaces this to say what becomes of a submitted job."""


class _Handler(BaseHTTPRequestHandler):
    yard: YardServer
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.yard._sockets.add(self.connection)

    def finish(self) -> None:
        self.yard._sockets.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        target = urlsplit(self.path)
        query = parse_qs(target.query)
        self.yard.requests.append((self.command, target.path, dict(self.headers), body))
        if target.path == "/version":
            self._json(200, {"version": "9.9.9"})
        elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._problem(401, "unauthenticated", "the token is not known")
        elif self.yard.refusals:
            status, problem = self.yard.refusals.popleft()
            self._json(status, problem, "application/problem+json")
        else:
            self._route(target.path.removeprefix("/api/v1/jobs").strip("/").split("/"), query, body)

    def _route(self, parts: list[str], query: dict[str, list[str]], body: Any) -> None:
        job = self.yard.jobs.get(parts[0])
        if parts == ["cancel"]:
            self._json(200, {"ids": [*self.yard.jobs], "next_cursor": None})
        elif parts == ["rerun"]:
            self._rerun(self.headers["Idempotency-Key"])
        elif parts in ([""], ["batch"]) and self.command == "POST":
            self._submit(body)
        elif parts == [""]:
            self._list(query)
        elif job is None:
            self._problem(404, "job-not-found", f"there is no job {parts[0]}")
        else:
            self._about(job, parts, query, body)

    def _about(self, job: ScriptedJob, parts: list[str], query: dict[str, list[str]], body: Any) -> None:
        if parts[1:] == ["rerun"]:
            again = self.yard.job(command=job.view["command"], rerun_of=parts[0])
            self._json(201, {**again.view, "replayed": False})
        elif parts[1:] == ["cancel"]:
            job.view["cancel_requested"] = True
            if not job.finished and not job.stubborn:
                job.becomes("cancelled", reason="cancelled", end_confirmed=True)
            self._json(200, job.view)
        elif parts[1:] in (["pause"], ["resume"], ["force-finish"]):
            job.becomes(*STEERED[parts[1]])
            self._json(200, {**job.view, **(body or {})})
        elif parts[1:] == ["attempts"]:
            self._json(200, {"items": [{"number": 1, "state": "ended", "ending": "exit", "exit_code": 0, "new": "x"}]})
        elif parts[1:] == ["log"]:
            wanted = query.get("stream", [None])[0]
            self._bytes(200, b"".join(data for stream, data in job.log if wanted in (None, stream)), "text/plain")
        elif parts[1:] == ["log", "stream"] and not self.yard.without_stream:
            self._stream(job)
        elif parts[1:]:
            self._problem(404, "not-found", "there is nothing here")
        else:
            self._json(200, job.view)

    def _submit(self, body: Any) -> None:
        if "jobs" in body:
            self._json(200, {"items": [self._batched(index, item) for index, item in enumerate(body["jobs"])]})
            return
        key = self.headers.get("Idempotency-Key", "")
        job, replayed = self.yard.keys.get(key), key in self.yard.keys
        if job is None:
            job = self.yard.keys[key] = self.yard.job(**body)
            self.yard.on_submit(job)
        if self.yard.hang_submissions:
            self.connection.settimeout(20)
            with contextlib.suppress(OSError):
                self.rfile.read(1)
            return
        if self.yard.cut_submissions:
            self.yard.cut_submissions -= 1
            self.yard.cut(self.connection)
            return
        self._json(200 if replayed else 201, {**job.view, "replayed": replayed})

    def _rerun(self, key: str) -> None:
        """Every finished job, once under each key."""
        items = []
        for job_id, job in list(self.yard.jobs.items())[::-1]:
            if "rerun_of" in job.view:
                continue
            if not job.finished:
                problem = {"type": "urn:runyard:problem:job-not-finished", "detail": f"job {job_id} has not finished"}
                items.append({"id": job_id, "rerun": None, "replayed": False, "problem": problem})
            else:
                name = f"{key}/{job_id}"
                replayed = name in self.yard.keys
                again = self.yard.keys.setdefault(name, self.yard.keys.get(name) or self.yard.job(rerun_of=job_id))
                items.append({"id": job_id, "rerun": again.view["id"], "replayed": replayed, "problem": None})
        if self.yard.cut_submissions:
            self.yard.cut_submissions -= 1
            self.yard.cut(self.connection)
            return
        self._json(200, {"items": items, "next_cursor": None})

    def _batched(self, index: int, item: dict[str, Any]) -> dict[str, Any]:
        key = item.pop("idempotency_key")
        if item["command"] == "refused":
            errors = [{"pointer": "/command", "detail": "is refused"}]
            problem = {"type": "urn:runyard:problem:invalid-job", "detail": "no", "errors": errors}
            return {"index": index, "id": None, "replayed": False, "problem": problem}
        replayed = key in self.yard.keys
        job = self.yard.keys[key] = self.yard.keys.get(key) or self.yard.job(**item)
        return {"index": index, "id": job.view["id"], "replayed": replayed, "problem": None}

    def _list(self, query: dict[str, list[str]]) -> None:
        part = query.get("id_part", [""])[0]
        states = query.get("state")
        limit, start = int(query["limit"][0]), int(query.get("cursor", ["0"])[0])
        views = [job.view for job in reversed(self.yard.jobs.values())]
        views = [view for view in views if view["id"].startswith(part) or view["id"].endswith(part)]
        views = [view for view in views if states is None or view["state"] in states]
        following = start + limit if start + limit < len(views) else None
        page = {"items": views[start : start + limit], "next_cursor": None if following is None else str(following)}
        self._json(200, page)

    def _stream(self, job: ScriptedJob) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        after = self.headers.get("Last-Event-ID", "p0")
        position = 0 if self.yard.forgetful else int(after[1:])
        left = job.cuts.popleft() if job.cuts else None
        try:
            while True:
                with job.news:
                    while position >= len(job.frames):
                        if job.finished:
                            self.wfile.write(b"0\r\n\r\n")
                            return
                        job.news.wait(0.05)
                    frame = job.frames[position]
                position += 1
                if left is not None and left < len(frame):
                    self._chunk(frame[:left])
                    self.yard.cut(self.connection)
                    return
                left = None if left is None else left - len(frame)
                self._chunk(frame)
        except OSError:
            pass
        finally:
            self.close_connection = True

    def _chunk(self, data: bytes) -> None:
        if data:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()

    def _problem(self, status: int, code: str, detail: str) -> None:
        self._json(status, {"type": f"urn:runyard:problem:{code}", "title": code, "status": status, "detail": detail})

    def _json(self, status: int, value: Any, kind: str = "application/json") -> None:
        self._bytes(status, json.dumps(value).encode(), kind)

    def _bytes(self, status: int, data: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
