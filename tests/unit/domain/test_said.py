import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runyard.domain.jobs.said import MAX_DEPTH, fit_to_keep

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(ANY_JSON)
def test_a_document_means_the_same_as_before(value: object) -> None:
    kept = fit_to_keep(json.dumps(value))

    assert kept is not None
    assert json.loads(kept) == value


@pytest.mark.parametrize("document", ["", "{", "NaN", "[1e999]", "[Infinity]", "9" * 5000, "[" * 100_000])
def test_what_is_no_finite_json_is_not_kept(document: str) -> None:
    assert fit_to_keep(document) is None


def test_half_a_character_is_replaced_and_nul_stays_escaped() -> None:
    assert fit_to_keep(r'{"a\ud800": "b\udfff\u0000"}') == r'{"a?": "b?\u0000"}'


def test_depth_has_a_limit() -> None:
    def nested(depth: int) -> str:
        return "[" * depth + "]" * depth

    assert fit_to_keep(nested(MAX_DEPTH + 1)) == nested(MAX_DEPTH + 1)
    assert fit_to_keep(nested(MAX_DEPTH + 2)) is None


def test_nothing_stays_nothing() -> None:
    assert fit_to_keep(None) is None
