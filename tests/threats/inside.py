"""What is to be kept, and what may happen behind the door: T18 to T31."""

from typing import Final

from .terms import (
    ARRIVES,
    CHAINED,
    NO_SHELL,
    OIDC,
    REVOKED,
    SIGNED,
    UPDATES,
    Missing,
    Threat,
)

INSIDE: Final = (
    Threat(
        name="T18",
        what="secrets where they do not belong: logs, command lines, errors, dumps",
        met="[secrets](secrets.md) are sealed and masked at the source; passwords and tokens are kept as hashes; "
        "commands, `env` and `stdin` stay out of our logs and command lines",
        tests=(
            "integration/up/test_canaries.py::test_what_is_secret_is_found_nowhere_it_does_not_belong",
            "integration/production/test_canaries.py::test_no_log_no_process_and_no_table_tells_what_is_secret",
            "ssh/test_canaries.py::test_no_log_no_process_and_no_file_of_the_host_tells_what_is_secret",
            "integration/up/test_secrets.py::test_a_secret_goes_from_our_input_into_a_job_and_nowhere_else",
            "unit/adapters/supervised/test_masking.py::test_fifty_secrets_are_masked_wherever_they_are_cut",
            "contracts/sealer.py::test_what_is_sealed_opens_at_its_place_and_cannot_be_read",
            "unit/application/test_secrets.py::test_without_a_key_nothing_is_written",
            "ssh/test_ends.py::test_nothing_of_a_job_stands_in_a_command_line_or_a_log",
        ),
    ),
    Threat(
        name="T19",
        what="SQL injection",
        met="bound parameters only; filters and orders come from lists of ours",
        tests=(
            "contracts/reading.py::test_an_id_that_cannot_be_is_an_unknown_one",
            "contracts/reading.py::test_a_part_no_id_has_finds_nothing",
            "fuzz/test_in_a_server.py::test_thousands_of_requests_find_no_fault_in_a_server",
        ),
        missing=(Missing(what="roles of the database that may do less than the owner of its tables"),),
    ),
    Threat(
        name="T20",
        what="commands and arguments with a second meaning",
        met="an argv is data from end to end; a text for the shell is a file of its own",
        tests=(
            NO_SHELL,
            ARRIVES,
            "integration/supervised/test_ends.py::test_a_text_is_a_script_in_a_file_of_its_own",
            "contracts/runs.py::test_stdin_is_what_the_order_says",
        ),
    ),
    Threat(
        name="T21",
        what="deserialisation, templates, expressions",
        met="JSON read by strict models; no YAML, no pickle, no templates, no `eval`",
        tests=("unit/house/test_readers.py::test_nothing_reads_what_could_run",),
    ),
    Threat(
        name="T22",
        what="floods; huge, deep and slow requests; pages without end",
        met="[limits](http.md#limits), rates and timeouts; [limits](limits.md) of projects and owners; pages of 200 at most, by cursors",
        tests=(
            "contracts/limit_races.py::test_of_twenty_who_submit_at_once_as_many_are_accepted_as_may_wait",
            "integration/http/test_hostile_requests.py::test_a_body_in_chunks_is_refused_once_it_is_too_large",
            "integration/http/test_connections.py::test_nobody_holds_a_connection_by_being_slow",
            "integration/http/test_connections.py::test_one_connection_too_many_is_told_so_and_the_others_go_on",
            "integration/http/test_following.py::test_many_followers_and_slow_ones_keep_nobody_else_waiting",
            "unit/entrypoints/http/test_problems.py::test_json_may_not_be_deep",
            "unit/entrypoints/http/test_turnstile.py::test_who_asks_too_often_is_told_which_limit_it_is_and_when_to_come_again",
        ),
    ),
    Threat(
        name="T23",
        what="names of hosts and headers of proxies",
        met="names it knows alone; nobody but a trusted proxy says who somebody is",
        tests=(
            "unit/entrypoints/http/test_hosts.py::test_a_name_that_somebody_else_made_point_here_is_not",
            "unit/entrypoints/http/test_hosts.py::test_a_request_names_one_host_and_nothing_else",
            "integration/http/test_proxies.py::test_nobody_else_may_say_where_he_comes_from",
        ),
    ),
    Threat(
        name="T24",
        what="rights that outlive their end",
        met="there are no sessions; every use of a token asks anew, streams too",
        tests=(
            REVOKED,
            "unit/entrypoints/http/test_accounts.py::test_a_role_that_was_taken_away_is_gone_for_tokens_in_use",
        ),
    ),
    Threat(name="T25", what="logging in through somebody else", met="passwords and tokens alone", missing=(OIDC,)),
    Threat(
        name="T26",
        what="races for keys and for what there is once",
        met="conditional writes and unique rows, one transaction",
        tests=(
            "contracts/key_races.py::test_of_twenty_who_will_not_wait_exactly_as_many_as_there_are_seats_get_in",
            "contracts/limit_races.py::test_of_twenty_who_submit_at_once_as_many_are_accepted_as_may_wait",
            "contracts/submission_keys.py::test_one_of_fifty_gets_the_key_and_the_others_see_its_job",
            "contracts/accounts.py::test_of_many_who_take_a_name_at_once_one_gets_it",
            "contracts/sealed.py::test_who_sets_at_once_gets_versions_of_their_own",
        ),
    ),
    Threat(
        name="T27",
        what="packages and updates that somebody changed",
        met="every package we use is pinned by its hash; nothing is rolled out by us yet",
        tests=("unit/house/test_tree.py::test_requirements_are_names_pins_and_hashes_and_nothing_else",),
        missing=(UPDATES,),
    ),
    Threat(
        name="T28",
        what="a server that was taken over invents commands",
        met="a host trusts the server",
        missing=(SIGNED,),
    ),
    Threat(
        name="T29",
        what="shipped or default secrets",
        met="the admin token is made at the first start; nothing opens without one; no file of ours is a key",
        tests=(
            "unit/entrypoints/test_data_dir.py::test_the_first_start_makes_a_token_that_only_this_account_can_read",
            "unit/house/test_tree.py::test_no_file_is_a_secret",
            "unit/house/test_deployments.py::test_no_password_is_written_down",
            "unit/entrypoints/http/test_auth.py::test_nothing_under_the_api_is_open",
        ),
    ),
    Threat(
        name="T30",
        what="gaps in the audit",
        met="every route that may change something leaves one entry, in the transaction that does it; refusals leave "
        "theirs; the database refuses to change one, and to remove one before its time",
        tests=(
            (
                "unit/entrypoints/http/test_audit.py::"
                "test_every_route_that_may_change_something_is_told_or_said_to_be_routine"
            ),
            "unit/entrypoints/http/test_audit.py::test_what_is_done_has_exactly_one_entry",
            "unit/entrypoints/http/test_audit.py::test_what_a_machine_does_is_told_as_the_table_says",
            "unit/entrypoints/http/test_audit.py::test_what_is_forbidden_is_told_as_refused",
            "unit/entrypoints/http/test_audit.py::test_no_secret_is_ever_in_it",
            "contracts/audited.py::test_what_breaks_before_its_commit_has_neither_happened_nor_been_told",
            (
                "integration/up/test_audit.py::"
                "test_a_server_that_is_killed_at_a_commit_has_both_the_change_and_its_entry_or_neither"
            ),
            "contracts/sql/kept.py::test_no_entry_is_changed_not_even_an_old_one",
            "contracts/sql/kept.py::test_no_entry_is_removed_before_its_time",
        ),
        missing=(CHAINED,),
    ),
    Threat(
        name="T31",
        what="the man in the middle of ssh",
        met="host keys are pinned by a person; nothing is said before the key is the right one; nothing is forwarded",
        tests=(
            "ssh/test_hosts.py::test_f45_a_changed_host_key_is_refused_before_anything_is_said",
            "ssh/test_hosts.py::test_f46_a_host_that_nobody_pinned_is_refused",
        ),
        missing=(Missing(what="a refusal where the other side cannot do strict key exchange (Terrapin); ours can"),),
    ),
)
