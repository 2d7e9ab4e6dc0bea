from tests.commands_page import PAGE, page


def test_the_page_on_commands_is_what_they_say() -> None:
    assert PAGE.read_text() == page(), "write it anew: python -m tests.commands_page"
