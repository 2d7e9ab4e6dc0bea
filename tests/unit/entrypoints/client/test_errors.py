"""What a refusal says, and what it tells to do."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import pytest

from runyard import application, domain
from runyard.domain.errors import Refusal, RunyardError
from runyard.entrypoints.client.errors import refused

OF_JOBS = {"job-not-found", "attempt-not-found", "log-removed"}


def errors(of: type[RunyardError] = RunyardError) -> Iterator[type[RunyardError]]:
    for each in of.__subclasses__():
        yield each
        yield from errors(each)


def not_found() -> set[str]:
    """The codes of whatever may not be there, as the core knows them."""
    for package in (application, domain):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    core = [each for each in errors() if each.__module__.startswith(("runyard.application", "runyard.domain"))]
    return {each.code for each in core if getattr(each, "refusal", None) is Refusal.NOT_FOUND}


@pytest.mark.parametrize("code", sorted(not_found() - OF_JOBS))
def test_whoever_looks_for_what_is_not_there_is_not_sent_to_the_jobs(code: str) -> None:
    advice = refused(404, {"type": f"urn:runyard:problem:{code}", "detail": "there is none"}).advice

    assert "runyard ps" not in advice
    assert "list" in advice


def test_what_the_answer_says_twice_is_said_once() -> None:
    errors = [{"pointer": "/name", "detail": "must be a name"}, {"pointer": "/kind", "detail": "is unknown"}]
    problem = {"type": "urn:runyard:problem:invalid-account", "detail": "/name: must be a name", "errors": errors}

    assert str(refused(422, problem)) == "/name: must be a name; /kind: is unknown"
