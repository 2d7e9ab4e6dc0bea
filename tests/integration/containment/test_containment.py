"""Every nasty tree, at every level, directly over the containment."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from runyard.adapters.supervised.program.contain import LEVEL_NAMES

from .shapes import SHAPES, Shape, bounded_pids, fresh_token, holders, reason_to_skip, survives

BYSTANDERS = ("plain_child", "emptied_environment")


@dataclass
class Ending:
    answer: bool | None
    survived: bool
    bystanders_lived: bool
    bystanders_answers: list[bool | None]
    longest_step_ms: float
    ms: float


def ended(shape: Shape, level: str, folder: Path, under: tuple[str, ...] = ()) -> Ending:
    with ExitStack() as stack:
        pids = stack.enter_context(bounded_pids(level)) if shape.needs_pids_cgroup else None
        token = stack.enter_context(fresh_token(folder, "victim"))
        others = [stack.enter_context(fresh_token(folder, name)) for name in BYSTANDERS]
        order: dict[str, Any] = {
            "victim": shape.argv(token, pids),
            "ready": f"{token}.ready",
            "settle": shape.settle,
            "bystanders": [
                [Shape(name).argv(other), f"{other}.ready"] for name, other in zip(BYSTANDERS, others, strict=True)
            ],
        }
        process = subprocess.Popen(
            [*under, sys.executable, "-m", "tests.integration.containment.stand_in", str(folder), level],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        stack.enter_context(process)
        stack.callback(process.kill)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        survived = survives(token)
        if survived:
            print("survivors:", holders(token))
        lived = all(
            survives(other) and len(holders(other)) >= expected for other, expected in zip(others, (2, 2), strict=True)
        )
        process.stdin.close()
        rest = json.loads(process.stdout.readline())
        assert process.wait(60) == 0
        print(shape, answer)
        return Ending(answer["answer"], survived, lived, rest, answer["longest_ms"], answer["ms"])


@pytest.mark.parametrize("level", ["cgroup2", "freezer", "subreaper"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_nothing_of_the_tree_survives_and_its_neighbours_do(shape: Shape, level: str, tmp_path: Path):
    require(shape, level, tmp_path)

    ending = ended(shape, level, tmp_path)

    assert ending.answer is True
    assert not ending.survived
    assert ending.bystanders_lived
    assert ending.bystanders_answers == [True, True]
    assert ending.longest_step_ms < 50


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape.name in ("own_session", "plain_child")], ids=str)
def test_a_process_group_never_claims_that_nothing_is_left(shape: Shape, tmp_path: Path):
    ending = ended(shape, "group", tmp_path)

    assert ending.answer is None
    assert ending.bystanders_lived


def require(shape: Shape, level: str, folder: Path) -> None:
    reason = reason_to_skip(shape)
    if reason is None and level in CLOSED_LEVELS:
        reason = f"level {level} cannot be had here: NOT TESTED"
    if reason is not None:
        pytest.skip(reason)


def _closed_levels() -> Iterator[str]:
    """Found out by a process of its own: trying changes the process that tries, and its folder belongs to it alone."""
    for level in LEVEL_NAMES:
        with tempfile.TemporaryDirectory() as folder:
            program = [sys.executable, "-m", "tests.integration.containment.stand_in", folder, level]
            if subprocess.run(program, input=b'{"try": 1}\n', capture_output=True, check=False).returncode:
                yield level


CLOSED_LEVELS = frozenset(_closed_levels())
