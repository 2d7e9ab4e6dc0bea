"""Standard streams of a command, whatever it was started with."""

import os
import sys


def open_streams() -> None:
    """Whoever started us without some: what is said there goes nowhere, and above all not to another one. No text is
    refused for what it is made of.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - as long as we live
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def end_output() -> None:
    """What cannot be written goes nowhere: else Python tries again when all is over, complains, and exits with 120."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
