"""What came of the requests: how many of what, and what should not have been."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from runyard.domain.accounts.permissions import Role
from tests.unit.entrypoints.http.tenants import ROLES
from tests.unit.entrypoints.http.test_matrix import ALWAYS, API, FOR_AGENTS, OPEN, RULES

OF_MANY = {f"POST /api/v1/jobs/{what}" for what in ("batch", "cancel", "rerun")}
NOTHING_DONE = re.compile(rb'\{"created":0,"replayed":0,|\{"count":0,')
AT_BEST = {("PATCH", f"{API}/projects/{{project}}/limits"): Role.ADMIN}
"""Where the matrix has the least role for one body, and another body takes less: what each owner may have."""
INSTANCE, RUNNER, STRANGER = ROLES[-1], "a runner", "a stranger"
EVERYBODY = (*reversed(ROLES), RUNNER, STRANGER)


@dataclass(slots=True)
class Findings:
    """Of one or more runs."""

    answers: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """By role, operation and status."""
    checks: Counter[str] = field(default_factory=Counter)
    """How often each check of schemathesis judged."""
    failures: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """By role, operation and what is wrong: an example of each."""

    @property
    def requests(self) -> int:
        return self.answers.total()

    def take(self, role: str, recorder: Any) -> None:
        """What one scenario of schemathesis did."""
        for case_id, interaction in recorder.interactions.items():
            node = recorder.cases.get(case_id)
            operation = node.value.operation.label if node is not None else recorder.label
            status = 0 if interaction.response is None else interaction.response.status_code
            done = status if status != 200 or operation not in OF_MANY else of_many(interaction.response)
            self.answers[role, operation, status] += 1
            if not may(role, operation, interaction.request.method, done):
                self.failures.setdefault((role, operation, f"{status} for {role}"), interaction.request.uri)
        for case_id, checks in recorder.checks.items():
            node = recorder.cases.get(case_id)
            operation = node.value.operation.label if node is not None else recorder.label
            self.checks.update(check.name for check in checks)
            for check in checks:
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    wrong = f"{check.name}: {failure.title}"
                    told = f"{failure.message}\n{check.failure_info.code_sample}"
                    self.failures.setdefault((role, operation, wrong), told)

    def broke(self, role: str, event: Any) -> None:
        """Schemathesis itself could not go on with something."""
        self.failures.setdefault((role, str(event.label), "error"), f"{event.info.title}: {event.info.message}")

    def statuses(self, role: str) -> Counter[int]:
        found: Counter[int] = Counter()
        for (who, _, status), many in self.answers.items():
            found[status] += many if who == role else 0
        return +found

    def tried(self, role: str, *statuses: int) -> set[str]:
        """What whoever has this role asked for, and was answered so."""
        asked = self.answers.keys()
        return {name for who, name, status in asked if who == role and (not statuses or status in statuses)}

    def summary(self) -> str:
        """How many requests, and what each operation answered how often."""
        operations: dict[str, Counter[int]] = {}
        for (_, operation, status), many in sorted(self.answers.items()):
            operations.setdefault(operation, Counter())[status] += many
        judged = ", ".join(f"{name} {many:,}" for name, many in sorted(self.checks.items()))
        width = max(map(len, operations), default=0)
        lines = [f"{self.requests:,} requests, {len(self.failures)} kinds of failures", f"judged: {judged}"]
        for operation, statuses in sorted(operations.items()):
            told = "  ".join(f"{status}: {many}" for status, many in sorted(statuses.items()))
            lines.append(f"{operation:<{width}}  {statuses.total():>6}  {told}")
        return "\n".join(lines)

    def told(self, most: int = 40) -> str:
        """What is wrong, with examples."""
        listed = [
            f"{role}: {operation}: {wrong}\n    {example[:1500]}"
            for (role, operation, wrong), example in self.failures.items()
        ]
        return "\n".join([f"{len(listed)} kinds of failures", *listed[:most]])


def may(role: str, operation: str, method: str, status: int) -> bool:
    """Whether whoever has this role may get this answer: the matrix says who may do what at best."""
    if status >= 300 or status == 0:
        return True
    path = operation.partition(" ")[2]
    route = ("GET" if method.upper() == "HEAD" else method.upper(), path)
    if route in OPEN or route[0] == "OPTIONS":
        return True
    if route in FOR_AGENTS:
        return role == RUNNER
    rule = RULES.get(route)
    if rule is None or role in (RUNNER, STRANGER):
        return False
    least = {rule.own, rule.anothers, rule.foreign, AT_BEST.get(route, rule.own)}
    return ALWAYS in least or ROLES.index(role) >= min(ROLES.index(each) for each in least)


def of_many(response: Any) -> int:
    """What was done to none of them was refused; what is kept of a long answer is its beginning."""
    return 403 if NOTHING_DONE.match(response.content) else 200
