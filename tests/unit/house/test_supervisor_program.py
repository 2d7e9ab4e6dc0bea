"""The supervisor's program travels: it must run on a host that has Python 3.8 and nothing else."""

import ast
import sys

import pytest

from .tree import imported, modules, text

PROGRAM = (*modules("src/adapters/supervised/program"), *modules("src/adapters/supervised/far"))


def test_there_is_a_program() -> None:
    assert PROGRAM


@pytest.mark.parametrize("path", PROGRAM, ids=str)
def test_it_speaks_python_3_8(path) -> None:
    ast.parse(text(path), feature_version=(3, 8))


@pytest.mark.parametrize("path", PROGRAM, ids=str)
def test_it_imports_the_standard_library_only(path) -> None:
    assert set(imported(path)) - sys.stdlib_module_names == set()
