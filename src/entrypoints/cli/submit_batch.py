"""Submit many jobs: a file with one on each line, as JSON."""

import json
from collections.abc import Mapping
from typing import Any, cast

from ..client.fields import JobRequest
from ..client.jobs import Submitted
from .exits import OK, USAGE, WrongUsage
from .options import Output, Server
from .printing import as_json
from .references import remember
from .saying import note
from .unanswered import submission_key
from .values import text_of


def submit_lines(source: str, defaults: Mapping[str, Any], output: Output, server: Server) -> int:
    """Submit the job on each line; what a line leaves out is as the options say. The exit code."""
    lines = enumerate(text_of(source, "--batch").split("\n"), 1)  # the other ends of lines may stand inside of JSON
    jobs = {number: _job(number, line, defaults) for number, line in lines if line.strip()}
    asked = [cast("JobRequest", job) for job in jobs.values()]
    with server.connected() as client, submission_key(server.url, asked) as key:
        answers = list(client.submit_many(asked, idempotency_key=key))
    for number, answer in zip(jobs, answers, strict=True):
        if answer.error:
            note(f"line {number}: {answer.error}")
        elif not output.json:
            print(answer.id)
    accepted = [answer.id for answer in answers if answer.id]
    if accepted:
        remember(accepted[-1])
    if output.json:
        as_json([_view(number, answer) for number, answer in zip(jobs, answers, strict=True)])
    return OK if len(accepted) == len(answers) else USAGE


def _job(number: int, line: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    try:
        said = json.loads(line)
        json.dumps(said, ensure_ascii=False, allow_nan=False).encode()  # Python reads more than JSON says
    except ValueError as error:
        raise WrongUsage(f"--batch: line {number} is not JSON: {error}") from None
    if not isinstance(said, dict) or "command" not in said:
        raise WrongUsage(f'--batch: line {number} is no job; write {{"command": ["prog", "arg"], …}}')
    return {**defaults, **said}


def _view(number: int, answer: Submitted) -> dict[str, Any]:
    error = None
    if answer.error:
        errors = [{"pointer": pointer, "detail": detail} for pointer, detail in answer.error.errors]
        error = {"code": answer.error.code, "detail": answer.error.detail, "errors": errors}
    return {"line": number, "id": answer.id, "replayed": answer.replayed, "error": error}
