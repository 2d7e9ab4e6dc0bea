"""Orders, places and the one text the program travels as."""

import ast

import pytest

from runyard.adapters.supervised.bundle import bundle
from runyard.adapters.supervised.program import frames, orders
from runyard.adapters.supervised.program.settle import beside_service


def test_the_bundle_is_one_text_named_by_its_hash() -> None:
    name, text = bundle()

    ast.parse(text, feature_version=(3, 8))
    assert name.startswith("supd-")
    assert name.endswith(".py")
    assert bundle() is bundle()


def test_each_key_has_a_file_name_of_its_own() -> None:
    keys = ["01890000-0000-7000-8000-000000000001/1", "a.b_c/12", "a.b_c.1/2", "a.b_c.12/1", "a/1"]
    names = [orders.name_of(orders.key({"key": key})) for key in keys]

    assert len({*names}) == len(keys)
    assert not any("/" in name for name in names)


@pytest.mark.parametrize("key", ["", "a", "/1", "a/", "a/0", "a/1/2", "../1", "a b/1", "a/1\n", "\u00e9/1", 5, None])
def test_what_is_no_key_is_refused(key: object) -> None:
    with pytest.raises(frames.BadFrame):
        orders.key({"key": key})


@pytest.mark.parametrize(
    ("path", "beside"),
    [
        ("/system.slice/web.service", "/system.slice/runyard-supervisor"),
        ("/system.slice/web.service/inner", "/system.slice/runyard-supervisor"),
        (
            "/user.slice/user@1000.service/app.slice/web.service",
            "/user.slice/user@1000.service/app.slice/runyard-supervisor",
        ),
        ("/user.slice/user@1000.service/app.slice", None),
        ("/user.slice/user-1000.slice/session-3.scope", None),
        ("/", None),
    ],
)
def test_beside_a_service_is_where_it_cannot_be_killed_with_it(path: str, beside: str | None) -> None:
    assert beside_service(path) == beside
