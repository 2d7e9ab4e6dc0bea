"""How modules are cut, named and introduced."""

import ast
import re
import sys

import pytest

from .tree import imported, modules, parsed, text

MOST_LINES = 250
MOST_METHODS = 5
EMPTY_WORDS = frozenset(
    "base bases common helper helpers manager managers service services util utils".split()  # noqa: SIM905 - readable
)
MIGRATIONS = "src/adapters/sql/migrations/versions"
WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def words(name: str) -> set[str]:
    return {word.lower() for word in WORD.findall(name)}


def protocols() -> list[ast.ClassDef]:
    classes = (node for path in modules("src/application/ports") for node in ast.walk(parsed(path)))
    return [node for node in classes if isinstance(node, ast.ClassDef) and "Protocol" in map(name_of, node.bases)]


def name_of(base: ast.expr) -> str:
    return ast.unparse(base).partition("[")[0].rpartition(".")[2]


def methods(port: ast.ClassDef) -> list[ast.FunctionDef]:
    return [node for node in port.body if isinstance(node, ast.FunctionDef)]


def test_there_is_something_to_judge() -> None:
    assert modules()


def test_a_module_has_at_most_250_lines() -> None:
    lengths = {str(path): len(text(path).splitlines()) for path in modules()}

    assert {path: length for path, length in lengths.items() if length > MOST_LINES} == {}


def test_no_file_and_no_folder_has_an_empty_word_for_a_name() -> None:
    assert [str(path) for path in modules() if any(words(part) & EMPTY_WORDS for part in path.parts)] == []


def test_no_class_has_an_empty_word_in_its_name() -> None:
    classes = [node for path in modules() for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef)]

    assert [node.name for node in classes if words(node.name) & EMPTY_WORDS] == []


def test_a_package_says_in_a_sentence_what_it_is() -> None:
    folders = {path.parent for path in modules() if not path.is_relative_to(MIGRATIONS)}
    sentences = {str(folder): sentence(folder / "__init__.py") for folder in folders}

    assert sorted(folder for folder, said in sentences.items() if not said.endswith(".")) == []


def sentence(init: object) -> str:
    path = next((path for path in modules() if path == init), None)
    said = ast.get_docstring(parsed(path)) if path else None
    return (said or "").partition("\n\n")[0]


@pytest.mark.parametrize("layer", ["domain", "application"])
def test_the_core_needs_nothing_but_the_standard_library(layer: str) -> None:
    foreign = {str(path): set(imported(path)) - sys.stdlib_module_names for path in modules(f"src/{layer}")}

    assert {path: names for path, names in foreign.items() if names} == {}


def test_a_port_promises_in_words_and_has_at_most_five_methods() -> None:
    found = protocols()

    assert found
    assert [port.name for port in found if not ast.get_docstring(port)] == []
    assert [port.name for port in found if len(methods(port)) > MOST_METHODS] == []
