"""What went wrong in systems like this one, by classes, and what is done about it here."""

from dataclasses import dataclass
from typing import Final

from .terms import (
    ALL_ROUTES,
    ARRIVES,
    FILES,
    GUESSES,
    MATRIX,
    NO_SHELL,
    NOT_FOR_OPERATORS,
    REVOKED,
    RULES,
    WEB,
    WEBHOOKS,
    Missing,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """A class of published vulnerabilities, what stands against it here, and the tests."""

    what: str
    cases: str
    met: str
    tests: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()


MISHAPS: Final = (
    Mishap(
        what="parameters reach a shell",
        cases="Rundeck 2025-07, CVE-2026-106056; Semaphore UI CVE-2026-73294; GitLab Runner CVE-2020-13347; crontab-ui CVE-2026-72590",
        met="T20",
        tests=(ARRIVES, NO_SHELL),
    ),
    Mishap(
        what="the other route forgot authorisation",
        cases="Rundeck CVE-2021-41111, CVE-2021-41112, CVE-2026-92763; Airflow CVE-2026-46764, CVE-2026-22922; "
        "Windmill CVE-2026-22683, CVE-2026-72542, CVE-2026-54136",
        met="T1, T2",
        tests=(
            ALL_ROUTES,
            MATRIX,
            RULES,
            "unit/entrypoints/http/crawling.py::test_no_filter_of_jobs_reaches_another_project",
            "unit/domain/test_access.py::test_lists_reach_exactly_what_would_be_allowed",
        ),
    ),
    Mishap(
        what="logs and names as paths",
        cases="Windmill CVE-2026-29059; Dagu CVE-2026-31886; Jenkins CVE-2024-23897, CVE-2021-21686; Litestar CVE-2024-32982",
        met="output is in the database, by job and offset; T10",
        tests=(
            "integration/http/test_hostile_requests.py::test_names_in_an_address_lead_nowhere_else",
            "unit/entrypoints/http/test_reference.py::test_only_the_files_of_the_page_are_served",
            GUESSES,
        ),
    ),
    Mishap(
        what="streams and proxies without the guard",
        cases="Dagu GHSA-9wmw-9wph-2vwp; jupyter-server-proxy CVE-2024-28179; Jenkins GHSA-53ph-2r2x-vqw8; Airflow CVE-2021-35936",
        met="a stream is a row of the matrix, and asks again while it lasts; hosts listen on nothing",
        tests=(
            MATRIX,
            REVOKED,
            "integration/supervised/test_manners.py::test_everything_in_its_directory_is_for_its_account_alone",
        ),
    ),
    Mishap(
        what="scripts through output and errors",
        cases="AWX CVE-2026-84683; Airflow GHSA-52gm-qmg3-r4qp; jupyter-server-proxy CVE-2024-35225",
        met="T13: no page of ours shows output; errors are JSON",
        tests=(
            "integration/http/test_pages_in_a_browser.py::test_a_script_that_stands_in_a_page_is_not_run",
            "unit/entrypoints/http/test_problems.py::test_every_answer_is_protected",
        ),
        missing=(WEB,),
    ),
    Mishap(
        what="CSRF and shared origins",
        cases="Rundeck CVE-2021-39133; JupyterHub CVE-2020-36191, GHSA-7r3h-4ph8-w38g",
        met="T15: no cookies, no content of users on a page",
        tests=("unit/entrypoints/http/test_cors.py::test_pages_of_others_may_do_nothing_unless_they_are_named",),
        missing=(WEB,),
    ),
    Mishap(
        what="from SQL injection to a signing key to an admin",
        cases="Windmill CVE-2026-23696",
        met="T19; tokens are random, and what is stored of them opens nothing",
        tests=(
            "contracts/reading.py::test_an_id_that_cannot_be_is_an_unknown_one",
            "unit/domain/test_access.py::test_a_token_is_known_by_its_text_and_by_no_other",
            "integration/up/test_canaries.py::test_what_is_secret_is_found_nowhere_it_does_not_belong",
        ),
    ),
    Mishap(
        what="secrets in logs, or stored plainly",
        cases="Rundeck 2025-06, CVE-2022-31044; Airflow CVE-2024-45784, CVE-2023-40712",
        met="T18: values are looked for as they are, not by a pattern made of them; what cannot be sealed is not written",
        tests=(
            "unit/adapters/supervised/test_masking.py::test_no_cut_changes_what_is_shown_and_no_value_is_in_it",
            "unit/application/test_secrets.py::test_without_a_key_nothing_is_written",
            "integration/up/test_canaries.py::test_what_is_secret_is_found_nowhere_it_does_not_belong",
        ),
    ),
    Mishap(
        what="shipped or default secrets",
        cases="Rundeck CVE-2022-29186; Airflow CVE-2020-17526; Dagu GHSA-6qr9-g2xw-cw92",
        met="T29",
        tests=(
            "unit/entrypoints/test_data_dir.py::test_the_first_start_makes_a_token_that_only_this_account_can_read",
            "unit/house/test_tree.py::test_no_file_is_a_secret",
        ),
    ),
    Mishap(
        what="registration tokens",
        cases="GitLab CVE-2022-0735, CVE-2018-20500",
        met="good once, for an hour, kept as hashes; shown a second time it raises an alarm",
        tests=(
            "unit/application/test_agents.py::test_a_machine_registers_once_and_comes_with_a_token_of_its_own",
            "unit/application/test_agents.py::test_whoever_registers_with_a_ticket_somebody_used_raises_an_alarm",
            "unit/entrypoints/http/test_agents.py::test_a_registration_token_registers_and_does_nothing_else",
        ),
    ),
    Mishap(
        what="a runner against its controller",
        cases="Jenkins CVE-2021-21685 to CVE-2021-21697",
        met="T6: a host answers in one narrow protocol and asks for nothing",
        tests=(
            "unit/adapters/supervised/test_frames.py::test_noise_is_refused_or_waits_for_more",
            "integration/faults/test_late_writes.py::test_b22_of_ten_thousand_stale_writes_none_is_accepted",
            "unit/entrypoints/http/test_agents.py::test_a_runner_can_say_nothing_of_the_attempts_of_another",
        ),
    ),
    Mishap(
        what="privileged fields by mass assignment",
        cases="Cronicle CVE-2026-58255, CVE-2026-85076; AWX CVE-2026-75884",
        met="T3: each body has its fields and no others",
        tests=(
            "unit/entrypoints/http/test_foreign_fields.py::test_no_route_takes_the_fields_of_another",
            NOT_FOR_OPERATORS,
        ),
    ),
    Mishap(
        what="SSRF, credentials sent elsewhere",
        cases="AWX CVE-2026-12564",
        met="T11: a server's ssh keys are shown to hosts alone that an admin of the instance named and pinned",
        tests=(NOT_FOR_OPERATORS, "ssh/test_hosts.py::test_f45_a_changed_host_key_is_refused_before_anything_is_said"),
        missing=(WEBHOOKS,),
    ),
    Mishap(
        what="state shared between jobs",
        cases="Windmill CVE-2026-47107",
        met="T7: not prevented on a runner that is shared; what we keep for a job is its own and goes with it",
        tests=(
            "integration/supervised/test_manners.py::test_everything_in_its_directory_is_for_its_account_alone",
            "integration/supervised/test_reports.py::test_what_a_job_leaves_beside_its_script_is_cleared_away",
        ),
        missing=(Missing(what="accounts of their own for jobs"),),
    ),
    Mishap(
        what="deserialisation",
        cases="Rundeck CVE-2021-39132",
        met="T21",
        tests=("unit/house/test_readers.py::test_nothing_reads_what_could_run",),
    ),
    Mishap(
        what="parsers and limiters of our own framework",
        cases="Litestar CVE-2023-25578, CVE-2024-52581, CVE-2025-59152, CVE-2026-25479, CVE-2026-48060, PYSEC-2026-2603",
        met="T22, T23: no forms, a limiter and a list of hosts of our own, no HTML",
        tests=(
            "unit/entrypoints/http/test_problems.py::test_a_body_that_is_not_called_json_is_a_problem",
            "integration/http/test_proxies.py::test_nobody_else_may_say_where_he_comes_from",
            "unit/entrypoints/http/test_hosts.py::test_a_request_names_one_host_and_nothing_else",
        ),
    ),
    Mishap(
        what="incomplete logout",
        cases="JupyterHub GHSA-cw7p-q79f-m2v7",
        met="T24: a revoked token ends requests and streams",
        tests=(REVOKED,),
    ),
    Mishap(
        what="extraction of archives",
        cases="CPython CVE-2025-4517, -4330, -4435, -8194, CVE-2026-11940",
        met="nothing is extracted; what is moved between stores is a format of our own, read line by line",
        tests=("unit/adapters/archive/test_files.py::test_one_that_somebody_changed_and_packed_again_is_refused",),
        missing=(FILES,),
    ),
    Mishap(
        what="the ssh protocol",
        cases="Terrapin, CVE-2023-48795",
        met="T31; Paramiko 5 does strict key exchange wherever the other side can",
        tests=("unit/house/test_readers.py::test_ssh_is_spoken_by_a_library_that_does_strict_key_exchange",),
    ),
)
