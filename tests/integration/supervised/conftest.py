"""A yard per test; it ends every supervisor it saw and leaves no process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .yard import Yard


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    """A supervisor's directory under the strongest containment this machine offers."""
    yard = Yard(tmp_path / "yard")
    try:
        yield yard
    finally:
        yard.close()
