"""Those who stand before the door, and what they try there: T1 to T17."""

from typing import Final

from .terms import (
    ALL_ROUTES,
    ATTEMPTS_TOKEN,
    CRAWLER,
    FILES,
    GUESSES,
    HIDDEN,
    MATRIX,
    NOT_FOR_OPERATORS,
    PROXY,
    REACH,
    REVOKED,
    RULES,
    RUNNERS_TOKEN,
    TENANT_ROWS,
    WEB,
    WEBHOOKS,
    Missing,
    Threat,
)

AT_THE_ENTRANCE: Final = (
    Threat(
        name="T1",
        what="another tenant's objects, also through lists, streams and guessed ids",
        met="one guard for every use case; lists apply the same rule in SQL; what is another's is answered as what is not there",
        tests=(MATRIX, HIDDEN, CRAWLER, GUESSES, REACH),
        missing=(TENANT_ROWS,),
    ),
    Threat(
        name="T2",
        what="a route that forgot its check",
        met="doors are handed guarded use cases alone; a command without a rule is not executed; a new route needs its row",
        tests=(
            ALL_ROUTES,
            RULES,
            "unit/entrypoints/http/test_auth.py::test_nothing_under_the_api_is_open",
            "fuzz/test_in_process.py::test_thousands_of_requests_find_no_fault_in_memory",
        ),
    ),
    Threat(
        name="T3",
        what="privileged fields in a body",
        met="unknown fields are refused; owners, sharing and the way to a host need permissions of their own",
        tests=(
            "unit/entrypoints/http/test_foreign_fields.py::test_no_route_takes_the_fields_of_another",
            "unit/entrypoints/http/test_bodies.py::test_an_unknown_field_is_told_the_known_ones_of_its_place",
            NOT_FOR_OPERATORS,
        ),
    ),
    Threat(
        name="T4",
        what="a stolen token of somebody",
        met="scopes, expiry, revocation within five seconds, last use; never in an address",
        tests=(
            REVOKED,
            "unit/domain/test_access.py::test_scopes_only_ever_take_away",
            "unit/entrypoints/http/test_accounts.py::test_a_token_that_is_good_no_more_opens_nothing",
            "unit/entrypoints/http/test_auth.py::test_a_token_in_the_address_does_not_count",
        ),
        missing=(Missing(what="source networks of a token, an alarm when one is used from elsewhere"),),
    ),
    Threat(
        name="T5",
        what="a stolen or cloned token of a runner, or of an attempt",
        met="it opens the doors of agents alone, for its own attempts alone; one that was replaced or "
        "revoked is refused, told and raises an alarm; that of an attempt is given only to jobs that ask, reaches that "
        "job and what it submitted, and ends with the attempt",
        tests=(*RUNNERS_TOKEN, *ATTEMPTS_TOKEN),
    ),
    Threat(
        name="T6",
        what="a malicious runner or host: forged results, old fences, endless output",
        met="what a host says is checked by shape and size and fenced; a host fetches nothing from here",
        tests=(
            "integration/faults/test_late_writes.py::test_b22_of_ten_thousand_stale_writes_none_is_accepted",
            "unit/adapters/supervised/test_strangers.py::test_a_host_that_says_something_else_is_none_either",
            "unit/adapters/supervised/test_frames.py::test_a_body_beyond_the_limit_is_refused_before_it_arrives",
            "integration/supervised/test_output.py::test_output_beyond_the_limit_is_counted_and_dropped",
            "unit/entrypoints/http/test_agents.py::test_what_an_agent_says_is_checked",
        ),
    ),
    Threat(
        name="T7",
        what="a job that breaks out",
        met="not prevented, see above; what it leaves behind is ended",
        tests=(
            "integration/containment/test_containment.py::test_nothing_of_the_tree_survives_and_its_neighbours_do",
            "integration/supervised/test_ends.py::test_a_job_sees_only_the_environment_it_should",
        ),
        missing=(Missing(what="accounts of their own for jobs, namespaces, limits on what a job may reach"),),
    ),
    Threat(
        name="T8",
        what="output as a channel of control",
        met="output is never read for commands; what a job reports has a file and a shape of its own",
        tests=(
            "integration/supervised/test_hostile.py::test_output_that_looks_like_ours_is_output_and_nothing_else",
            "unit/adapters/supervised/test_report.py::test_a_line_says_what_it_says_and_no_more",
        ),
    ),
    Threat(name="T9", what="malicious archives of inputs", met="no job has files that go in", missing=(FILES,)),
    Threat(
        name="T10",
        what="traversal in names and addresses",
        met="ids are checked before anything else; names are data in the database and never paths",
        tests=(
            "integration/http/test_hostile_requests.py::test_names_in_an_address_lead_nowhere_else",
            "unit/entrypoints/http/test_auth.py::test_another_spelling_of_the_address_is_no_way_in",
            "contracts/reading.py::test_an_id_that_cannot_be_is_an_unknown_one",
            "integration/containment/test_levels.py::test_a_key_never_becomes_a_path",
        ),
    ),
    Threat(
        name="T11",
        what="requests forged through the server",
        met="hosts reached by ssh are named by admins of the instance alone; nothing else is called",
        tests=(MATRIX, NOT_FOR_OPERATORS),
        missing=(WEBHOOKS,),
    ),
    Threat(name="T12", what="the proxy to sessions", met="nothing is passed on", missing=(PROXY,)),
    Threat(
        name="T13",
        what="scripts in output, errors and names, shown in a browser",
        met="the reference is the only page, under a strict policy; output is sent as bytes, `nosniff`",
        tests=(
            "integration/http/test_pages_in_a_browser.py::test_a_script_that_stands_in_a_page_is_not_run",
            "unit/entrypoints/http/test_problems.py::test_every_answer_is_protected",
        ),
        missing=(WEB,),
    ),
    Threat(
        name="T14",
        what="control characters in our log or a terminal",
        met="structured logs; the commands write their own texts plain; output of jobs is shown as it is, as `cat` would",
        tests=(
            "unit/entrypoints/cli/test_looking.py::test_a_terminal_gets_a_table_without_control_characters",
            "unit/entrypoints/test_observed.py::test_what_was_asked_is_never_in_the_log",
        ),
    ),
    Threat(
        name="T15",
        what="requests forged by pages of others (CSRF)",
        met="there are no cookies: a bearer token opens, and pages of others may not send one",
        tests=(
            "unit/entrypoints/http/test_auth.py::test_only_the_token_opens_the_door",
            "unit/entrypoints/http/test_cors.py::test_pages_of_others_may_do_nothing_unless_they_are_named",
        ),
        missing=(WEB,),
    ),
    Threat(
        name="T16",
        what="sockets and streams opened by pages of others",
        met="WebSocket is not spoken; a stream needs the bearer token like everything",
        tests=("unit/entrypoints/http/test_problems.py::test_a_websocket_is_not_spoken", MATRIX),
    ),
    Threat(
        name="T17",
        what="finding tokens and names by time or words",
        met="looked up by public id, compared in constant time; equal words; guesses are counted, by address and by name. "
        "Times: `python -m benchmarks tokens`",
        tests=(
            "unit/entrypoints/http/test_accounts.py::test_a_password_is_worth_a_token_and_nothing_tells_why_not",
            "unit/entrypoints/http/test_turnstile.py::test_who_tries_wrong_tokens_has_to_wait_and_right_ones_go_on",
            "unit/application/test_guessing.py::test_of_one_name_few_guesses_are_looked_at_from_however_many_addresses",
            HIDDEN,
        ),
    ),
)
