"""The end of the bundle: makes modules of the texts in `SOURCES` and begins."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

SOURCES: dict[str, str] = globals().get("SOURCES", {})
_PACKAGE = "supd"


class Texts:
    """Finds and loads the modules of the bundle."""

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """The module, if it is one of ours."""
        own = name == _PACKAGE or (name.startswith(_PACKAGE + ".") and name[len(_PACKAGE) + 1 :] in SOURCES)
        return ModuleSpec(name, self, is_package=name == _PACKAGE) if own else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """As usual."""

    def exec_module(self, module: ModuleType) -> None:
        """Run its text."""
        name = module.__name__[len(_PACKAGE) + 1 :]
        if name:
            code = compile(SOURCES[name], f"<{module.__name__}>", "exec", dont_inherit=True)
            exec(code, module.__dict__)  # noqa: S102 (our own text, sent as one file)


if __name__ == "__main__":
    sys.meta_path.insert(0, Texts())
    from importlib import import_module

    sys.exit(import_module(_PACKAGE + ".main").main(sys.argv[1:]))
