import re

import pytest

from runyard.entrypoints.doorkeeper import only
from runyard.entrypoints.http.app import create_app
from tests.builders import a_job_id

from .house import JOBS, TOKEN, provided_by

OPEN = {"/livez", "/readyz", "/version"}
LOG_IN = "/api/v1/login"


def test_nothing_under_the_api_is_open(yard, stranger) -> None:
    tried = 0
    for route in create_app(provided_by(yard)).routes:
        address = re.sub(r"\{[^}]+\}", a_job_id(), route.path)
        if route.path == LOG_IN:
            continue
        if not route.path.startswith(("/api", "/metrics")):
            assert route.path in OPEN or route.path.startswith("/schema")
            continue
        for method in ["HEAD", *route.methods]:
            answer = stranger.request(method, address, content=b"{")
            assert answer.status_code in {401, 405}, (method, address)
            assert (answer.status_code == 405) == (method == "HEAD" and "GET" not in route.methods)
            assert answer.status_code == 405 or answer.headers["www-authenticate"] == 'Bearer realm="runyard"'
            tried += 1
    assert tried > 10


@pytest.mark.parametrize("address", ["/livez", "/readyz", "/version", "/schema/openapi.json", "/schema/swagger-ui"])
def test_what_holds_no_data_is_open(stranger, address) -> None:
    assert stranger.get(address).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Basic {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN.upper()}",
        f"Bearer {TOKEN} {TOKEN}",
        f"Bearer x, Bearer {TOKEN}",
        "Bearer " + "x" * 20_000,
    ],
)
def test_only_the_token_opens_the_door(stranger, header) -> None:
    assert stranger.get(JOBS, headers={"Authorization": header}).status_code == 401


def test_bytes_that_are_no_text_do_not_open_the_door(stranger) -> None:
    assert stranger.get(JOBS, headers={b"Authorization": b"Bearer \xff\xfe\x80"}).status_code == 401


def test_a_token_in_the_address_does_not_count(stranger) -> None:
    assert stranger.get(f"{JOBS}?token={TOKEN}&access_token={TOKEN}").status_code == 401


@pytest.mark.parametrize(
    "address", ["//api/v1/jobs", "/api//v1/jobs", "/api/v1/jobs/", "/%61pi/v1/jobs", "/livez/../api/v1/jobs"]
)
def test_another_spelling_of_the_address_is_no_way_in(stranger, address) -> None:
    assert stranger.get(address).status_code in {401, 404}


def test_the_scheme_may_be_written_as_one_likes(stranger) -> None:
    assert stranger.get(JOBS, headers={"Authorization": f"bearer  {TOKEN} "}).status_code == 200


def test_a_stranger_is_not_told_that_the_body_is_too_large(stranger) -> None:
    assert stranger.post(JOBS, content=b"x" * (3 << 20)).status_code == 401


def test_only_one_token_is_accepted_and_its_text_is_not_kept() -> None:
    authenticate = only("a-token")

    assert authenticate("a-token")
    assert not authenticate("another")
    assert "a-token" not in repr(authenticate.__closure__)
