"""Somebody who may do everything in one project asks every route there is, and finds nothing of another project."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from runyard.domain.accounts.permissions import Role
from runyard.domain.jobs.ids import JobId
from runyard.entrypoints.http.addresses import cursor_of, number_cursor
from tests.contracts.stores import Store

from .everything import Everything, Things
from .house import JOBS, a_client
from .tenants import MINE, THEIRS
from .test_matrix import API, FOREIGN, RULES, filled, names

LISTS = [path for method, path in sorted(RULES) if method == "GET" and "{" not in path]
ONES = [path for method, path in sorted(RULES) if method == "GET" and "{" in path]
AUDIT = f"{API}/audit"
PAGED = (JOBS, AUDIT)
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
WORD = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{2,62}")
ENDLESS = f"{API}/jobs/{{job_id}}/log/stream"


class CrawlContract:
    """What no store may let through; bind it with a fixture `store`."""

    @pytest.fixture
    def tenants(self, store: Store) -> Everything:
        return Everything(store)

    @pytest.fixture
    def crawler(self, tenants: Everything) -> Iterator[Any]:
        """An admin of one project, at the door; the batches of both are submitted."""
        with a_client(tenants.yard) as client:
            tenants.batches(client, tenants.people[Role.ADMIN].headers, MINE)
            tenants.batches(client, tenants.stranger.headers, THEIRS)
            tenants.deeds(client, tenants.people[Role.ADMIN].headers, tenants.mine)
            tenants.deeds(client, tenants.stranger.headers, tenants.others)
            client.headers.update(tenants.people[Role.ADMIN].headers)
            yield client

    def test_a_crawl_finds_everything_of_ones_own_project_and_nothing_of_another(self, tenants, crawler) -> None:
        mine = Crawl(crawler, tenants.mine)
        theirs = Crawl(crawler, tenants.others, tenants.stranger.headers)

        assert {*tenants.mine.marks, f"{MINE}-batch"} - mine.finds() == set()
        assert {*tenants.others.marks, f"{THEIRS}-batch"} - theirs.finds() == set()
        assert "zebra" not in mine.text
        assert [each for each in tenants.others.machines.hidden if each in mine.text] == []
        assert mine.ids & theirs.ids == set()
        assert {path for path, _ in mine.cursors} == {path for path, _ in theirs.cursors} == set(PAGED)

    def test_whoever_knows_every_id_and_name_of_another_project_sees_nothing_of_it(self, tenants, crawler) -> None:
        theirs = Crawl(crawler, tenants.others, tenants.stranger.headers)
        theirs.finds()
        known = {each for each in (*theirs.ids, *theirs.words) if "zebra" in each or each in theirs.ids}
        assert len(known) > 20

        for path in ONES:
            for each in known:
                answer = crawler.get(
                    re.sub(r"\{\w+\}", each, path), params={"project": THEIRS} if "secrets" in path else {}
                )
                assert answer.status_code in (403, 404), (path, each)
                assert "zebra" not in told(answer, each, THEIRS), (path, each)
        for path, cursor in theirs.cursors:
            assert "zebra" not in told(crawler.get(path, params={"cursor": cursor, "limit": 200})), path

    def test_no_route_tells_anything_of_another_project(self, tenants, crawler) -> None:
        theirs = names(tenants, tenants.people[Role.ADMIN], FOREIGN)
        mine = {**theirs, "job_id": tenants.finished("default", "a-admin"), "runner": "here", "project": "default"}
        for method, path in sorted(RULES):
            reached = [{**theirs, "runner": f"zebra-{each}"} for each in ("agent", "far")]
            for said in (theirs, *reached, {**mine, "queue": "zebra-queue"}):
                rule = RULES[method, path]
                body = {} if rule.body is None else {"json": filled(rule.body, said)}
                answer = crawler.request(method, filled(path, said), params=filled(rule.query, said), **body)
                assert "zebra" not in told(answer, *said.values()), (method, path)

    @pytest.mark.parametrize(
        "query",
        [
            {"project": THEIRS},
            {"owner": "zebra-ann"},
            {"queue": "zebra-queue"},
            {"name": "zebra-job"},
            {"label": "who=zebra-label"},
            {"state": "cancelled"},
            {"limit": "200"},
        ],
        ids=repr,
    )
    def test_no_filter_of_jobs_reaches_another_project(self, crawler, query: dict[str, str]) -> None:
        answer = crawler.get(JOBS, params=query)

        assert answer.status_code == 200
        assert all(each["project"] == "default" for each in answer.json()["items"])
        assert "zebra" not in told(answer)

    def test_guessed_ids_and_cursors_lead_nowhere_else(self, tenants, crawler) -> None:
        for size in (1, 8, 20, 36):
            for part in (tenants.theirs[:size], tenants.theirs[-size:]):
                assert tenants.theirs not in crawler.get(JOBS, params={"id_part": part}).text
        for after in (tenants.theirs, JobId("ffffffff-ffff-ffff-ffff-ffffffffffff")):
            answer = crawler.get(JOBS, params={"cursor": cursor_of(after), "limit": 200})
            assert "zebra" not in told(answer)
        for number in range(1, 20):
            assert "zebra" not in told(crawler.get(AUDIT, params={"cursor": number_cursor(number), "limit": 200}))
        everything = {"state": ["queued", "pending", "cancelled"], "dry_run": True, "cursor": cursor_of(tenants.theirs)}
        assert tenants.theirs not in crawler.post(f"{JOBS}/cancel", json=everything).text
        assert tenants.theirs not in crawler.post(f"{JOBS}/rerun", json=everything).text

    @pytest.mark.parametrize(
        "query",
        [
            {"project": THEIRS},
            {"actor": "zebra-ann"},
            {"actor": "zebra-agent"},
            {"resource": "runner:zebra-host"},
            {"resource": "runner:zebra-agent"},
            {"outcome": "refused"},
            {"action": "cordon_runner"},
        ],
        ids=repr,
    )
    def test_no_filter_of_the_audit_trail_reaches_another_project(self, crawler, query: dict[str, str]) -> None:
        answer = crawler.get(AUDIT, params={**query, "limit": 200})

        assert "zebra" not in told(answer, *query.values())
        assert (
            answer.status_code == 404
            if "project" in query
            else {each["project"] for each in answer.json()["items"]} <= {"default"}
        )

    def test_a_machine_of_one_project_hears_and_says_nothing_of_another(self, tenants, crawler) -> None:
        mine, theirs = tenants.mine.machines, tenants.others.machines
        headers = {"Authorization": f"Bearer {mine.token}"}
        job = theirs.running
        ref = {"job": job.id, "attempt": job.current.number, "fence": job.fence}

        def says(what: str, **body: Any) -> Any:
            return crawler.post(f"{API}/agent/{what}", json=body, headers=headers)

        output = f"{API}/agent/attempts/{job.id}.{job.current.number}.{job.fence}/log?offset=0"
        asked = {"epoch": mine.epoch, "known": [ref], "alive": [ref], "take": 3, "host": {"boot_id": "b"}}
        synced = says("sync", **asked)
        reported = says("reports", reports=[{**ref, "kind": "ended", "exit_code": 0, "log_size": 0}])
        written = crawler.post(output, content=b"lies", headers={**headers, "Content-Type": "text/plain"})
        answers = [synced, reported, written, says("session", driver="default-agent"), says("rotate")]

        assert [each["job"] for each in synced.json()["attempts"]] != []
        assert job.id not in synced.text
        assert reported.json()["items"][0]["refused"] == "stale-attempt"
        assert written.status_code == 409
        assert "zebra" not in "".join(told(answer) for answer in answers)
        assert crawler.get(f"{JOBS}/{job.id}", headers=tenants.stranger.headers).json()["state"] == "running"

    def test_a_key_that_another_project_used_is_free(self, tenants, crawler) -> None:
        first = tenants.batches(crawler, tenants.people[Role.ADMIN].headers, MINE)
        theirs = tenants.batches(crawler, tenants.stranger.headers, THEIRS)
        alone = {"command": ["true"], "project": MINE}
        answers = [
            crawler.post(JOBS, json={**alone, "project": project}, headers={**who, "Idempotency-Key": "the-same"})
            for project, who in ((THEIRS, tenants.stranger.headers), (MINE, tenants.people[Role.ADMIN].headers))
        ]

        assert set(first) & set(theirs) == set()
        assert [answer.status_code for answer in answers] == [201, 201]
        assert "zebra" not in told(answers[1])

    def test_a_submission_learns_nothing_of_another_projects_runners_and_keys(self, crawler) -> None:
        asked = {"command": ["true"], "placement": {"runner": "zebra-runner"}, "queue": "zebra-queue"}
        unknown = {"command": ["true"], "placement": {"runner": "some-other1"}, "queue": "zebra-queue"}
        keyed = {"command": ["true"], "concurrency": {"key": "key", "on_conflict": "reject"}}

        there, nowhere = crawler.post(JOBS, json=asked).json(), crawler.post(JOBS, json=unknown).json()
        assert [each.replace("zebra-runner", "*") for each in there["warnings"]] == [
            each.replace("some-other1", "*") for each in nowhere["warnings"]
        ]
        assert "zebra" not in told(crawler.post(f"{JOBS}/explain", json=asked), "zebra-runner", "zebra-queue")
        assert crawler.post(JOBS, json=keyed).status_code == 201

    def test_a_runner_that_is_shared_tells_its_users_of_no_other_project(self, tenants, crawler) -> None:
        shared = {"shared_with": ["default", "zebra-other"]}
        edited = crawler.patch(f"{API}/runners/zebra-runner", json=shared, headers=tenants.stranger.headers)
        assert edited.json()["shared_with"] == ["default", "zebra-other"]

        seen = crawler.get(f"{API}/runners/zebra-runner").json()
        assert (seen["shared_with"], seen["project"]) == (["default"], THEIRS)
        assert crawler.post(f"{API}/runners/zebra-runner/cordon").status_code == 403
        assert crawler.patch(f"{API}/runners/here", json={"shared_with": ["*"]}).status_code == 200


class Crawl:
    """Follows every id, every name and every cursor that any answer tells, until nothing new is told."""

    def __init__(self, client: Any, things: Things, headers: dict[str, str] | None = None) -> None:
        self._client, self._things, self._headers = client, things, headers or {}
        self.text = ""
        self.ids: set[str] = set()
        self.words: set[str] = {things.project}
        self.cursors: set[tuple[str, str]] = set()
        self._asked: set[str] = set()

    def finds(self) -> set[str]:
        """All words that were told, after asking everything."""
        for path in LISTS:
            self._page(path)
        while new := [address for address in self._addresses() if address not in self._asked]:
            for address in new:
                self._ask(address)
        return {*self.words, *re.findall(r"\w+ reason", self.text)}

    def _page(self, path: str) -> None:
        query: dict[str, Any] | None = {"limit": 2} if path in PAGED else None
        while query is not None or path not in self._asked:
            answer = self._ask(path, query)
            following = answer.headers.get("link")
            if following is None:
                return
            (cursor,) = parse_qs(urlsplit(following.partition(">")[0].strip("<")).query)["cursor"]
            self.cursors.add((path, cursor))
            query = {"limit": 2, "cursor": cursor}

    def _addresses(self) -> Iterator[str]:
        for path in ONES:
            if path == ENDLESS:
                yield path.replace("{job_id}", self._things.finished)
            elif "{job_id}" in path:
                yield from (path.replace("{job_id}", each) for each in sorted(self.ids))
            else:
                for each in sorted(self.words):
                    address = re.sub(r"\{\w+\}", each, path)
                    yield f"{address}?project={self._things.project}" if "secrets" in path else address

    def _ask(self, address: str, query: dict[str, Any] | None = None) -> Any:
        self._asked.add(address)
        needed = {"project": self._things.project} if address == f"{API}/secrets" else query
        answer = self._client.get(address, params=needed, headers=self._headers)
        if answer.status_code < 400:
            self.text += answer.text
            self.ids |= set(UUID.findall(answer.text))
            self.words |= {word for word in WORD.findall(answer.text) if "-" in word and not UUID.fullmatch(word)}
        return answer


def told(answer: Any, *given: str) -> str:
    """All that an answer says, but for what was asked of it."""
    text = f"{answer.headers} {answer.text}"
    for each in given:
        text = text.replace(each, "")
    return text
