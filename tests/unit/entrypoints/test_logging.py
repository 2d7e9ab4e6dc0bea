import io
import sys

import pytest
import structlog

from runyard.entrypoints.logging import configure_structlog


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("where", [Terminal, io.StringIO])
def test_an_unexpected_error_is_told_without_the_variables_around_it(monkeypatch, where) -> None:
    told = where()
    monkeypatch.setattr(sys, "stderr", told)
    configure_structlog("info")
    try:
        _fail(env="s3cr" + "3t")
    except ZeroDivisionError:
        structlog.get_logger().exception("driving failed")
    finally:
        structlog.reset_defaults()

    assert "ZeroDivisionError" in told.getvalue()
    assert "s3cr3t" not in told.getvalue()


def _fail(env: str) -> float:
    return len(env) / 0
