"""The runner of the suites cannot be talked into green."""

from pathlib import Path

from ...suites import NO_TESTS_COLLECTED, ROOT, SUITES, Result, failed, read, summary

SUITE = SUITES[0]


def a_result(status: int = 0, seconds: float = 1.0, skips: tuple[str, ...] = ()) -> Result:
    return Result(suite=SUITE, status=status, seconds=seconds, total=3, skips=skips)


def test_all_is_well_when_every_suite_passed_in_time() -> None:
    assert not failed([a_result(), a_result()], budgets_bind=True)


def test_one_failed_suite_fails_the_run() -> None:
    assert failed([a_result(), a_result(status=1)], budgets_bind=False)


def test_a_suite_without_tests_fails_the_run() -> None:
    assert failed([a_result(status=NO_TESTS_COLLECTED)], budgets_bind=False)


def test_budgets_bind_in_ci_only() -> None:
    late = [a_result(seconds=SUITE.minutes * 60 + 1)]

    assert failed(late, budgets_bind=True)
    assert not failed(late, budgets_bind=False)
    assert "OVER BUDGET" in summary(late)


def test_skips_are_counted_and_listed_with_their_reason() -> None:
    told = summary([a_result(skips=("tests.x::test_y: no PostgreSQL here",))])

    assert "1 SKIPPED" in told
    assert "no PostgreSQL here" in told


def test_a_suite_that_died_before_its_report_has_failed(tmp_path: Path) -> None:
    assert failed([read(tmp_path / "missing.xml", SUITE, 0, 1.0)], budgets_bind=False)


def test_counts_come_from_the_report(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        "<testsuites><testsuite>"
        "<testcase classname='a' name='b'/>"
        "<testcase classname='a' name='c'><failure/></testcase>"
        "<testcase classname='a' name='d'><error/></testcase>"
        "<testcase classname='a' name='e'><skipped type='pytest.skip' message='why'/></testcase>"
        "<testcase classname='a' name='f'><skipped type='pytest.xfail' message='known'/></testcase>"
        "</testsuite></testsuites>"
    )

    result = read(report, SUITE, 1, 1.0)

    assert (result.total, result.failed, result.skips) == (5, 2, ("a::e: why",))


def test_what_one_suite_leaves_out_another_runs() -> None:
    left_out = {folder for suite in SUITES for folder in suite.without}

    assert left_out <= {folder for suite in SUITES for folder in suite.folders}
    assert all((ROOT / folder).is_dir() for folder in left_out)
