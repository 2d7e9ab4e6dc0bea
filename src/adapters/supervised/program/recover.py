"""What a supervisor finds that a dead one left: outcomes to tell, output to deliver, strays to kill."""

from __future__ import annotations

import os
import time

from .attempt import RECORDED, VOID, Attempt
from .book import Book
from .contain import sweep
from .journal import BROKEN, EXIT, OWNED, Entry
from .secret_files import remove_all
from .spawn import clean

_SWEEP_SECONDS = 20.0


def recover(directory: str, book: Book) -> None:
    """Fill the book from the journal and the spool, end what unfinished attempts left, clean up."""
    segments = _segments(directory)
    unfinished = []
    for key, entry in list(book.journal.entries()):
        attempt = Attempt(directory, key)
        if entry.kind == OWNED:
            unfinished.append((attempt, str(entry.body.get("b"))))
        else:
            _settled(book, attempt, entry)
        _restore(book, attempt, entry, segments.pop(attempt.name, []))
    _discard(directory, segments)
    empty = _swept(directory, [attempt.key for attempt, _ in unfinished])
    remove_all(directory)
    for attempt, boot_id in unfinished:
        restarted = boot_id != book.boot_id
        why = "the host was restarted" if restarted else "the supervisor ended while the attempt ran"
        book.record_broken(attempt, why, True if restarted else empty)
    for name in os.listdir(os.path.join(directory, "a")):
        stem, _, suffix = name.rpartition(".")
        clean(directory, stem if suffix in ("report", "stdin") else name)


def _settled(book: Book, attempt: Attempt, entry: Entry) -> None:
    if entry.kind == EXIT:
        attempt.state, attempt.outcome = RECORDED, entry.body["o"]
        attempt.said, attempt.level = entry.body["r"], entry.body["l"]
        book.attempts[attempt.key] = attempt
    elif entry.kind == BROKEN:
        why = entry.body["o"]
        book.record_broken(attempt, why["why"], why["tree_empty"])
    else:
        book.void(attempt)


def _restore(book: Book, attempt: Attempt, entry: Entry, starts: list[int]) -> None:
    key, saved = attempt.key, entry.kind == EXIT
    if attempt.state != VOID:
        memory_start = entry.body["m"] if saved else None
        attempt.spool.restore(starts, memory_start, (lambda: book.journal.read(key).tail) if saved else bytes)


def _segments(directory: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for file in os.listdir(os.path.join(directory, "o")):
        name, _, start = file.rpartition(".")
        found.setdefault(name, []).append(int(start))
    return found


def _discard(directory: str, segments: dict[str, list[int]]) -> None:
    for name, starts in segments.items():
        for start in starts:
            os.unlink(os.path.join(directory, "o", f"{name}.{start}"))


def _swept(directory: str, keys: list[str]) -> bool | None:
    until = time.monotonic() + _SWEEP_SECONDS
    while True:
        empty = sweep(directory, keys)
        if empty is not False:
            return empty
        if time.monotonic() > until:
            return None
        time.sleep(0.01)
