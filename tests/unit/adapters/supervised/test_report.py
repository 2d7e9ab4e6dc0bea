"""Report lines: half ones wait, foreign ones are nothing, and no value is believed that makes no sense."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runyard.adapters.supervised.program.report import Report


def said(path: Path, text: str, *, last: bool = True) -> dict[str, object]:
    path.write_text(text)
    report = Report(str(path))
    report.poll(last)
    return report.body()


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ('{"percent": 40}', {"percent": 40.0}),
        ('{"percent": 140}', {"percent": 100.0}),
        ('{"percent": -1e300}', {"percent": 0.0}),
        ('{"percent": 1e999}', {}),
        ('{"percent": NaN}', {}),
        ('{"percent": Infinity, "message": "x"}', {}),
        ('{"percent": true}', {}),
        ('{"percent": "40"}', {}),
        ('{"message": "half\\u0000way"}', {"message": "half\N{REPLACEMENT CHARACTER}way"}),
        ('{"message": "\\ud800"}', {"message": "?"}),
        ('{"message": 5}', {}),
        ('{"result": {"a": [1, null]}}', {"result": '{"a":[1,null]}'}),
        ('{"result": "\\ud800"}', {"result": '"\\ud800"'}),
        ('{"result": null}', {}),
        ("[]", {}),
        ("5", {}),
        ("{", {}),
        ("[" * 60_000, {}),
        ("", {}),
    ],
)
def test_a_line_says_what_it_says_and_no_more(tmp_path: Path, line: str, body: dict[str, object]) -> None:
    assert said(tmp_path / "r", line + "\n") == body


def test_a_half_line_waits_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_text('{"percent": 4')
    report = Report(str(path))
    assert not report.poll()

    with path.open("a") as file:
        file.write('2}\n{"percent": 43}')
    assert report.poll()
    assert report.percent == 42.0
    assert report.poll(last=True)
    assert report.percent == 43.0
    assert not report.poll()


def test_a_huge_line_is_skipped_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_text('{"percent": 1}\n{"message": "' + "x" * 3_000_000)
    report = Report(str(path))
    for _ in range(50):
        report.poll()
    with path.open("a") as file:
        file.write('"}\n{"percent": 2}\n')
    for _ in range(5):
        report.poll()

    assert report.body() == {"percent": 2.0}


def test_of_a_huge_file_the_end_is_read_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_text('{"percent": 1}\n' * 400_000 + '{"result": 7}\n')
    report = Report(str(path))

    assert report.poll(last=True)
    assert report.body() == {"percent": 1.0, "result": "7"}


def test_the_newest_of_each_kind_counts(tmp_path: Path) -> None:
    lines = ['{"percent": 1, "message": "a"}', '{"result": 1}', '{"message": "b"}', "noise", '{"percent": 2}', "{}"]

    assert said(tmp_path / "r", "\n".join(lines)) == {"percent": 2.0, "message": "b", "result": "1"}


def test_a_file_that_was_begun_anew_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_text('{"percent": 10, "message": "a long first line"}\n')
    report = Report(str(path))
    report.poll()
    path.write_text('{"percent": 11}\n')

    assert report.poll()
    assert report.percent == 11.0


@given(st.lists(st.one_of(st.binary(max_size=40), st.dictionaries(st.text(max_size=8), st.floats())), max_size=10))
def test_no_file_whatsoever_harms(tmp_path_factory, lines) -> None:
    path = tmp_path_factory.mktemp("report") / "r"
    path.write_bytes(b"\n".join(json.dumps(x).encode() if isinstance(x, dict) else x for x in lines))
    report = Report(str(path))

    report.poll()
    report.poll(last=True)

    json.dumps(report.body(), allow_nan=False).encode("ascii")
