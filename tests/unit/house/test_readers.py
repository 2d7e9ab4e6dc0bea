"""How what comes from outside is read."""

import ast
import inspect

from paramiko import Transport

from .tree import imported, modules, parsed

RUN_WHAT_THEY_READ = {"pickle", "marshal", "shelve", "dill", "yaml", "jinja2", "mako"}
CALLS = {"eval", "exec", "__import__"}
OUR_OWN_TEXT = {"src/adapters/supervised/program/entry.py"}
"""Starts the supervisor's program, which is sent as one text."""


def test_nothing_reads_what_could_run() -> None:
    readers = {str(path): found for path in modules() if (found := RUN_WHAT_THEY_READ & set(imported(path)))}
    callers = {
        str(path)
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS
    }

    assert readers == {}
    assert callers == OUR_OWN_TEXT


def test_no_body_is_read_by_the_event_loop_alone() -> None:
    """Everybody else waits meanwhile: in a handler that is not synchronous it is done in a thread, or is small."""
    readers = {
        f"{path.name}: {node.func.id}"
        for path in modules("src/entrypoints/http")
        for handler in ast.walk(parsed(path))
        if isinstance(handler, ast.AsyncFunctionDef)
        for node in ast.walk(handler)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id.startswith("read_") or node.func.id in {"submitted_spec", "_submitted"}
    }

    assert readers == set()


def test_ssh_is_spoken_by_a_library_that_does_strict_key_exchange() -> None:
    assert inspect.signature(Transport.__init__).parameters["strict_kex"].default is True
