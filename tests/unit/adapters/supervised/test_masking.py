"""However output is cut and whatever it is, nothing that is to be masked is seen."""

import base64
import json
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from runyard.adapters.supervised.program.masking import MASK, SHORTEST, Masking, Masks, Sieve

# Few letters, none of them in the mask: values overlap each other and themselves, and masks make no new ones.
LETTERS = "xyX/"
VALUES = st.lists(st.text(LETTERS, min_size=SHORTEST, max_size=14), min_size=1, max_size=4)


def masked(values: list[str], *parts: bytes) -> tuple[bytes, int]:
    masks = Masks(values)
    stream = Masking(masks)
    out = b"".join(stream.feed(part) for part in parts)
    return out + stream.feed(b"", last=True), masks.found


@st.composite
def outputs(draw) -> tuple[list[str], list[bytes]]:
    values = draw(VALUES)
    words = draw(st.lists(st.one_of(st.sampled_from(values), st.text(LETTERS + "\n", max_size=6)), max_size=12))
    text = "".join(words).encode()
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    return values, [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@settings(max_examples=500, deadline=None)
@given(outputs())
@example((["xxxxxxxx"], [b"xxxxxxx", b"xxxxxxxx", b"xx"]))
@example((["xyxyxyxy", "xyXXXXXX"], [b"xyxyxyxy", b"XXXX", b"XX"]))
def test_no_cut_changes_what_is_shown_and_no_value_is_in_it(case: tuple[list[str], list[bytes]]) -> None:
    values, parts = case
    whole = b"".join(parts)

    shown, found = masked(values, *parts)

    assert (shown, found) == masked(values, whole)
    assert not any(value.encode() in shown for value in values)
    assert shown.count(MASK) == found
    assert len(shown) <= len(whole)
    assert shown.replace(MASK, b"").translate(None, LETTERS.encode() + b"\n") == b""
    assert (found > 0) == any(value.encode() in whole for value in values)


@settings(max_examples=200, deadline=None)
@given(outputs())
def test_every_byte_outside_of_values_is_kept(case: tuple[list[str], list[bytes]]) -> None:
    values, parts = case
    whole = b"".join(parts)
    hidden = {
        at + offset
        for form, _ in Masks(values)._patterns
        for at in range(len(whole))
        if whole.startswith(form, at)
        for offset in range(len(form))
    }

    shown, _ = masked(values, *parts)

    assert shown.replace(MASK, b"") == bytes(byte for at, byte in enumerate(whole) if at not in hidden)


def test_fifty_secrets_are_masked_wherever_they_are_cut() -> None:
    for number in range(50):
        value = f"s3cr3t/{number}+{'x' * number}"
        text = f"before {value} after".encode()
        for cut in range(len(text)):
            assert masked([value], text[:cut], text[cut:]) == (b"before [masked] after", 1)


@pytest.mark.parametrize(
    "value", ["correct horse battery", "pass/wörd+?&", 'quo"te\\back\tslash', "a" * 40, "12345678"]
)
def test_other_ways_to_write_a_value_are_masked(value: str) -> None:
    raw = value.encode()
    written = [json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]]
    written += [quote(value, safe=""), quote(value), quote_plus(value)]
    for form in written:
        assert masked([value], f"<{form}>".encode())[0] == b"<[masked]>"
    for before in (b"", b"u", b"us", b"user:"):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            shown, found = masked([value], encode(before + raw + b":after"))
            assert found == 1
            longest = max(len(piece) for piece in shown.split(MASK))
            inner = encode(before + raw + b":after")
            assert longest <= max(len(before) * 2 + 4, 12), inner


def test_a_value_of_several_lines_is_masked_as_a_whole_and_line_by_line() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\nshort\n-----END KEY-----\n"

    assert masked([key], b"<" + key.strip().encode() + b">") == (b"<[masked]>", 1)
    assert masked([key], b"  AQEFAASCBKcwggSjAgEAAoIB\r\n") == (b"  [masked]\r\n", 1)
    assert masked([key], b"-----BEGIN KEY-----\n short\n") == (b"-----BEGIN KEY-----\n short\n", 0)


def test_base64_that_tools_wrap_is_masked_in_every_line() -> None:
    value = "".join(chr(33 + number * 7 % 90) for number in range(200))
    encoded = base64.b64encode(value.encode()).decode()
    for width in (64, 76):
        lines = "\n".join(encoded[at : at + width] for at in range(0, len(encoded), width))
        shown, found = masked([value], lines.encode())
        assert found == len(lines.split("\n"))
        assert len(shown.replace(MASK, b"")) < 10


def test_a_long_value_leaves_one_mask() -> None:
    value = "".join(chr(33 + number * number % 90) for number in range(16_000))

    assert masked([value], b"<", value[:7000].encode(), value[7000:].encode(), b">") == (b"<[masked]>", 1)


def test_what_cannot_become_a_value_is_shown_at_once() -> None:
    stream = Masking(Masks(["correct horse"]))

    assert stream.feed(b"Password: ") == b"Password: "
    assert stream.feed(b"correct") == b""
    assert stream.feed(b" shoe\n") == b"correct shoe\n"


def test_reports_are_masked_in_texts_names_and_numbers() -> None:
    masks = Masks(["12345678", "correct horse"])
    said = {"correct horse": ["a correct horse b", 12345678, 1.5, True, None, {"n": 123456789}], "x": "\ud800"}

    assert masks.document(said) == {
        "[masked]": ["a [masked] b", "[masked]", 1.5, True, None, {"n": "[masked]"}],
        "x": "\ud800",
    }
    assert masks.found == 4


def test_the_worst_output_costs_milliseconds_and_is_held_in_bounds() -> None:
    masks = Masks(["a" * 4000 + "b", "a" * 4000])
    stream = Masking(masks)
    began = time.process_time()

    shown = [stream.feed(b"a" * size) for size in (1, 65_536, 1, 65_536, 3)]
    held = len(stream._held)
    shown.append(stream.feed(b"c", last=True))

    assert time.process_time() - began < 5.0
    assert held < 1024
    assert b"".join(shown) == b"[masked]c"


def test_values_too_short_to_look_for_are_left_alone() -> None:
    assert masked(["short", "  short\n"], b"short") == (b"short", 0)


@settings(max_examples=200, deadline=None)
@given(
    lengths=st.lists(st.integers(23, 60), min_size=5, max_size=30),
    placed=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 29)), max_size=4),
)
def test_the_sieve_lets_every_pattern_pass(lengths: list[int], placed: list[tuple[int, int]]) -> None:
    patterns = [
        bytes([65 + number % 26]) * (length - 1) + bytes([97 + number]) for number, length in enumerate(lengths)
    ]
    sieve = Sieve(patterns)
    for before, number in placed:
        pattern = patterns[number % len(patterns)]
        for after in range(9):
            assert sieve.lets_pass(b"." * before + pattern + b"." * after)
    assert not sieve.lets_pass(b".0123456789" * 200)
    assert not sieve.lets_pass(b"")


def test_many_secrets_are_masked_wherever_they_stand_and_however_they_are_cut() -> None:
    values = [f"{number:03}-{'abcdefghij' * 3}{number:03}" for number in range(40)]
    masks = Masks(values)
    assert masks._sieve is not None
    noise = "nothing of any interest, line after line\n" * 3

    for at in range(0, 64, 5):
        text = (noise + "." * at + values[at % 40] + "short" + noise + values[-1] + noise).encode()
        shown, found = masked(values, text)
        assert (found, shown.count(MASK)) == (2, 2)
        assert shown.replace(MASK, b"") == (noise + "." * at + "short" + noise + noise).encode()
        for size in (1, 7, 50):
            assert masked(values, *(text[cut : cut + size] for cut in range(0, len(text), size))) == (shown, 2)
