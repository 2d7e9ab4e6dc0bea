from .house import a_client


def fails() -> None:
    raise OSError("the password is on the wall")


def test_the_process_answers(client) -> None:
    assert client.get("/livez").json() == {"status": "alive"}


def test_it_says_which_version_it_is(client) -> None:
    assert client.get("/version").json() == {"version": "1.2.3", "api": ["v1"]}


def test_it_is_ready_when_everything_works(yard) -> None:
    with a_client(yard, readiness={"store": lambda: None, "disk": lambda: True}) as client:
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "checks": ["store", "disk"], "degraded": []},
    )


def test_what_does_not_work_is_named_without_a_reason(yard) -> None:
    with a_client(yard, readiness={"store": fails, "disk": lambda: True}) as client:
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:runyard:problem:not-ready"
    assert [error["parameter"] for error in answer.json()["errors"]] == ["store"]
    assert "password" not in answer.text


def test_it_is_ready_without_what_merely_helps_and_names_it(yard) -> None:
    def broken() -> None:
        raise OSError

    with a_client(yard, readiness={"store": lambda: None}, helpful={"rings": broken, "other": lambda: None}) as client:
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "checks": ["store", "other"], "degraded": ["rings"]},
    )
