import pytest

from runyard.entrypoints.http.terms import Terms

from .house import HOSTS, JOBS, WITH_TOKEN, a_client

PAGE = "https://page.example.org"
ASKS = {"Origin": PAGE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


@pytest.fixture
def open_to_page(yard):
    with a_client(yard, terms=Terms(hosts=HOSTS, origins=frozenset({PAGE}))) as client:
        yield client


def allowed(answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control")}


def test_pages_of_others_may_do_nothing_unless_they_are_named(stranger) -> None:
    for answer in (stranger.options(JOBS, headers=ASKS), stranger.get("/version", headers={"Origin": PAGE})):
        assert allowed(answer) == {}
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_a_page_that_is_named_may_ask_without_a_token_what_it_may_send(open_to_page) -> None:
    answer = open_to_page.options(JOBS, headers=ASKS)

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(("address", "status"), [(JOBS, 200), ("/nothing", 404), (f"{JOBS}?limit=x", 400)])
def test_it_can_read_every_answer_refusals_too(open_to_page, address, status) -> None:
    answer = open_to_page.get(address, headers={**WITH_TOKEN, "Origin": PAGE})

    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "Location" in answer.headers["access-control-expose-headers"]
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize(
    "origin", ["https://page.example.org.evil.example", "http://page.example.org", "null", f"{PAGE}/"]
)
def test_another_page_may_not(open_to_page, origin) -> None:
    for answer in (
        open_to_page.options(JOBS, headers={**ASKS, **WITH_TOKEN, "Origin": origin}),
        open_to_page.get("/version", headers={"Origin": origin}),
    ):
        assert allowed(answer) == {}
        assert answer.headers["vary"] == "origin"
