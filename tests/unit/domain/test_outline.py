import pytest

from runyard.domain.jobs.outline import MAX_COMMAND, SpecOutline
from tests.builders import a_spec


def test_an_outline_leaves_out_what_may_be_large_or_secret_and_nothing_else() -> None:
    spec = a_spec(name="n", labels={"k": "v"}, env={"TOKEN": "s3cr3t"}, stdin="s3cr3t", run_timeout=5.0)

    outline = SpecOutline.of(spec)

    assert outline == SpecOutline(a_spec(name="n", labels={"k": "v"}, run_timeout=5.0))


@pytest.mark.parametrize("command", ["x" * MAX_COMMAND, ("echo", "x" * (MAX_COMMAND - 5)), ("true",), ("a", "", "")])
def test_a_command_that_is_short_enough_is_shown_whole(command) -> None:
    assert SpecOutline.of(a_spec(command=command)) == SpecOutline(a_spec(command=command))


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("\n" * 9000 + "make", "make"),
        ("x" * 9000, "x" * MAX_COMMAND),
        (("sh", "-c", "x" * 9000, "rest"), ("sh", "-c", "x" * (MAX_COMMAND - 6))),
        (("x" * 9000,), ("x" * MAX_COMMAND,)),
        (("a", *("",) * 9000), ("a", *("",) * (MAX_COMMAND - 2))),
    ],
)
def test_of_a_long_command_the_beginning_is_shown_and_said_to_be_one(command, shown) -> None:
    outline = SpecOutline.of(a_spec(command=command))

    assert (outline.shown.command, outline.cut) == (shown, True)
