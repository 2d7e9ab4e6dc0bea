"""What a threat is, what is not there yet, and tests that hold more than one."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A defence or a feature that is not there yet. Once a file fits one of the `signs`, its rows have to be written anew."""

    what: str
    signs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Threat:
    """What may be tried, and why it fails; `tests` are `path::name` below `tests`."""

    name: str
    what: str
    met: str
    tests: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()


FILES: Final = Missing(what="files that go in and come back", signs=("src/domain/files*", "src/domain/artifacts*"))
WEBHOOKS: Final = Missing(
    what="webhooks, and anything else that calls an address somebody gave", signs=("src/**/*webhook*",)
)
WEB: Final = Missing(
    what="a web page with sessions and cookies", signs=("src/entrypoints/web*", "src/domain/sessions*")
)
PROXY: Final = Missing(
    what="the proxy to sessions of jobs", signs=("src/entrypoints/http/*proxy*", "src/domain/sessions*")
)
OIDC: Final = Missing(what="logging in through somebody else (OIDC)", signs=("src/**/*oidc*",))
SIGNED: Final = Missing(what="signed jobs", signs=("src/**/*signed*", "src/**/*signing*"))
UPDATES: Final = Missing(
    what="updates of agents and packages for fleets", signs=("src/domain/rollouts*", "src/domain/updates*")
)
CHAINED: Final = Missing(what="a chain of hashes over the audit trail, for whoever owns the database")
TENANT_ROWS: Final = Missing(what="row-level security in the database as a second wall")

RUNNERS_TOKEN: Final = (
    "unit/entrypoints/http/test_agents.py::test_a_runners_token_is_nobodys_login",
    "unit/entrypoints/http/test_agents.py::test_a_runner_can_say_nothing_of_the_attempts_of_another",
    "unit/application/test_agents.py::test_a_replaced_token_opens_nothing_and_raises_an_alarm",
    "contracts/agents_audited.py::test_a_revoked_token_is_refused_told_and_alarming",
    "contracts/agents_audited.py::test_an_alarm_and_its_entry_are_one_transaction",
    "integration/agents/test_at_work.py::test_f61_a_copy_of_a_machine_is_not_let_in_while_the_machine_is_there",
)
ATTEMPTS_TOKEN: Final = (
    "unit/entrypoints/http/test_attempt_tokens.py::test_every_route_answers_a_process_of_a_job_as_the_table_says",
    "unit/entrypoints/http/test_attempt_tokens.py::test_a_key_of_somebody_else_leads_it_to_no_job_but_its_own",
    "unit/application/test_attempt_tokens.py::test_it_may_never_do_more_than_the_owner_may_at_that_moment",
    "integration/up/test_attempt_tokens.py::test_a_token_lives_through_a_restart_and_dies_with_its_attempt",
)
MATRIX: Final = "unit/entrypoints/http/test_matrix.py::test_every_role_may_do_what_the_matrix_says_and_nothing_else"
ALL_ROUTES: Final = (
    "unit/entrypoints/http/test_matrix.py::test_every_route_is_in_the_matrix_or_open_and_nothing_else_is"
)
HIDDEN: Final = "unit/entrypoints/http/test_matrix.py::test_what_is_hidden_is_answered_as_what_is_not_there"
CRAWLER: Final = (
    "unit/entrypoints/http/crawling.py::test_a_crawl_finds_everything_of_ones_own_project_and_nothing_of_another"
)
GUESSES: Final = (
    "unit/entrypoints/http/crawling.py::test_whoever_knows_every_id_and_name_of_another_project_sees_nothing_of_it"
)
REVOKED: Final = (
    "integration/http/test_revocation.py::test_a_revoked_token_is_refused_and_its_stream_ends_within_five_seconds"
)
NOT_FOR_OPERATORS: Final = (
    "unit/entrypoints/http/test_matrix.py::test_where_a_host_is_and_who_may_use_a_runner_is_not_for_operators"
)
REACH: Final = "contracts/reading.py::test_jobs_are_found_by_whose_they_are_and_within_the_reach_of_who_asks"
RULES: Final = "unit/application/test_rules.py::test_a_command_without_a_rule_is_never_executed_not_even_for_an_admin"
ARRIVES: Final = "ssh/test_ends.py::test_a_thousand_hostile_values_arrive_byte_for_byte"
NO_SHELL: Final = "integration/supervised/test_ends.py::test_an_argv_sees_no_shell"
