from tests.lifecycle_page import PAGE, page


def test_the_page_on_the_life_of_a_job_is_what_the_table_says() -> None:
    assert PAGE.read_text() == page(), "write it anew: python -m tests.lifecycle_page"
