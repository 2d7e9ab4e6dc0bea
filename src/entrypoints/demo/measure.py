"""The demo's job, run as a program of its own: measures the installed Python standard library, file by file.

Progress and the result go to the file that RUNYARD_REPORT names; standard output is for people.
"""

import ast
import json
import os
import sys
import sysconfig
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

WORTH_A_LINE: Final = 5000
_LEFT_OUT: Final = frozenset({"site-packages", "dist-packages", "test", "tests", "__pycache__"})


@dataclass(slots=True)
class Size:
    """How much of it there is."""

    files: int = 0
    lines: int = 0
    bytes: int = 0
    functions: int = 0

    def add(self, other: "Size") -> None:
        self.files += other.files
        self.lines += other.lines
        self.bytes += other.bytes
        self.functions += other.functions


def main() -> None:
    library = Path(sysconfig.get_path("stdlib"))
    files = sorted(modules_of(library), key=lambda path: (package_of(path, library), path))
    print(f"Measuring {len(files)} files of Python {sys.version.split()[0]}", flush=True)
    total, largest, done = Size(), {}, 0
    for package, members in groupby(files, key=lambda path: package_of(path, library)):
        size, (most, name) = Size(), (0, "")
        for path in members:
            measured = measure(path)
            size.add(measured)
            most, name = max((most, name), (measured.lines, path.relative_to(library).as_posix()))
            done += 1
            if done % 10 == 0 or done == len(files):
                report({"percent": round(100 * done / len(files), 1), "message": f"{done} of {len(files)} files"})
        total.add(size)
        largest[package] = {"module": name, "lines": most}
        if size.lines >= WORTH_A_LINE:
            print(f"{package:<16}{size.files:>5} files{size.lines:>9,} lines   largest: {name} ({most:,})", flush=True)
    report({"result": {**asdict(total), "packages": len(largest), "largest": largest}})


def modules_of(library: Path) -> Iterator[Path]:
    """The modules people import, without those that test them."""
    for folder, folders, names in os.walk(library):
        folders[:] = sorted(set(folders) - _LEFT_OUT)
        yield from (Path(folder) / name for name in names if name.endswith(".py"))


def package_of(path: Path, library: Path) -> str:
    parts = path.relative_to(library).parts
    return parts[0] if len(parts) > 1 else "single modules"


def measure(path: Path) -> Size:
    data = path.read_bytes()
    functions = 0
    with suppress(SyntaxError, ValueError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        functions = sum(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) for node in ast.walk(ast.parse(data)))
    return Size(files=1, lines=data.count(b"\n"), bytes=len(data), functions=functions)


def report(said: dict[str, Any]) -> None:
    with Path(os.environ["RUNYARD_REPORT"]).open("a") as file:
        file.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
