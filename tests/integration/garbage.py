"""How much of what a process began with is left out by its searches for garbage, as it tells at its end."""

from pathlib import Path

_AT_THE_END = """
import atexit, gc, sys

def tell():
    if {command!r} in sys.argv:
        with open({told!r}, "w") as file:
            file.write(f"{{gc.get_freeze_count()}} {{gc.get_threshold()[2]}}")

atexit.register(tell)
"""


class Told:
    """By a process of this command: `environment` makes it tell."""

    def __init__(self, folder: Path, command: str) -> None:
        self._path = folder / f"{command}.told"
        modules = folder / f"modules-{command}"
        modules.mkdir()
        (modules / "sitecustomize.py").write_text(_AT_THE_END.format(command=command, told=str(self._path)))
        self.environment = {"PYTHONPATH": str(modules)}

    @property
    def left_out(self) -> int:
        """So many objects."""
        return int(self._path.read_text().split()[0])

    @property
    def threshold(self) -> int:
        """After so many searches of what is half old everything is searched."""
        return int(self._path.read_text().split()[1])
