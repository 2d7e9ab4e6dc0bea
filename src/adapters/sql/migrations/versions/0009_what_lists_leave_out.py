"""What lists leave out of a spec is kept beside it: environment, input, the whole of a long command.

Revision: 0009
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SPEC = sa.table("job_spec", *(sa.column(name, sa.Text) for name in ("job_id", "spec", "rest")))
MOST = 4096
PAGE = 50


def upgrade() -> None:
    op.add_column("job_spec", sa.Column("rest", sa.Text()))
    for page in _pages(SPEC.c.job_id, SPEC.c.spec):
        for job_id, text in page:
            whole = json.loads(text)
            rest = {name: whole.pop(name) for name in ("env", "stdin") if whole.get(name) not in (None, {})}
            shown = _beginning(whole["command"])
            if shown != whole["command"]:
                rest["command"] = whole["command"]
                whole |= {"command": shown, "cut": True}
            if rest:
                _store(job_id, spec=_document(whole), rest=_document(rest))


def downgrade() -> None:
    for page in _pages(SPEC.c.job_id, SPEC.c.spec, SPEC.c.rest):
        for job_id, text, rest in page:
            whole = {"env": {}, "stdin": None, **json.loads(text), **json.loads(rest or "{}")}
            whole.pop("cut", None)
            _store(job_id, spec=_document(whole))
    op.drop_column("job_spec", "rest")


def _pages(*columns: Any) -> Iterator[Sequence[Any]]:
    last = ""
    while True:
        query = sa.select(*columns).where(SPEC.c.job_id > last).order_by(SPEC.c.job_id).limit(PAGE)
        page = op.get_bind().execute(query).all()
        yield page
        if len(page) < PAGE:
            return
        last = page[-1].job_id


def _store(job_id: str, **values: str) -> None:
    op.get_bind().execute(sa.update(SPEC).where(SPEC.c.job_id == job_id).values(**values))


def _beginning(command: Any) -> Any:
    if isinstance(command, str):
        return command if len(command) <= MOST else command.lstrip()[:MOST]
    kept, left = [], MOST
    for argument in command:
        if left <= 0:
            break
        kept.append(argument[:left])
        left -= len(argument) + 1
    return kept


def _document(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
