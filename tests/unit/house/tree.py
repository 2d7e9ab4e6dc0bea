"""What belongs to the project: the files git knows, or would know after `git add`."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@cache
def files(pattern: str = "") -> tuple[Path, ...]:
    """Relative paths below the pattern, a folder or a file; links are not followed."""
    argv = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run([*argv, "--", pattern or "."], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = {Path(name) for name in listed.split("\0") if name}
    return tuple(sorted(path for path in found if (ROOT / path).is_file()))


def modules(folder: str = "src") -> tuple[Path, ...]:
    return tuple(path for path in files(folder) if path.suffix == ".py")


def text(path: Path) -> str:
    return (ROOT / path).read_text(errors="replace")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(text(path), filename=str(path))


def imported(path: Path) -> Iterator[str]:
    """The top-level names of everything a module imports absolutely, lazily or not."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]
