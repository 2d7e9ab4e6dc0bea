"""Values of secrets, replaced in what a job writes before anything of it is kept.

A value is looked for as it is, line by line if it has several, as JSON and as an address would write it, and in base64
wherever it begins within its three bytes. Long forms are looked for in pieces that overlap. Whatever part of the output
is covered by any of them, one mark replaces it.
"""

from __future__ import annotations

import binascii
import json
import math
import re
import sys
from typing import Any, Iterable, Iterator

MASK = b"[masked]"
SHORTEST = 8  # not shorter than the mask, so that output never grows
_PIECE = 1024
_STRIDE = 1000
_WRAPPED = (64, 76)
_WORD = 8
_LONG = 3 * _WORD - 1
_PAYS = 20 * _WORD
_WRAPPED_UP_TO = 1024
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class Sieve:
    """Tells quickly that none of many long patterns is there.

    Wherever a pattern stands, one of the words of eight bytes that are looked at lies in it whole: they are apart by no
    more than the shortest pattern leaves room for. So a text none of whose words is in any pattern holds none of them.
    """

    def __init__(self, patterns: list[bytes]) -> None:
        self._step = (min(map(len, patterns)) - _WORD + 1) // _WORD
        words = {pattern[at : at + _WORD] for pattern in patterns for at in range(len(pattern) - _WORD + 1)}
        self._words = frozenset(int.from_bytes(word, sys.byteorder) for word in words)

    @staticmethod
    def pays(patterns: list[bytes]) -> bool:
        """Whether it is quicker than to look for each, as measured."""
        return bool(patterns) and len(patterns) * (min(map(len, patterns)) - _WORD + 1) > _PAYS

    def lets_pass(self, data: bytes) -> bool:
        """Whether there may be one."""
        words = memoryview(data)[: len(data) // _WORD * _WORD].cast("Q")
        return not self._words.isdisjoint(words[:: self._step])


class Masks:
    """What is looked for in the output of one attempt, and how often it was found."""

    def __init__(self, values: Iterable[str]) -> None:
        forms = {piece for value in values for form in _forms(value) for piece in _pieces(form)}
        self._patterns = [(pattern, _period(pattern)) for pattern in sorted(forms, key=len)]
        self._few = sum(len(pattern) < _LONG for pattern in forms)
        long = [pattern for pattern, _ in self._patterns[self._few :]]
        self._sieve = Sieve(long) if Sieve.pays(long) else None
        self._window = max((len(pattern) for pattern in forms), default=1) - 1
        self._by_first: dict[bytes, list[bytes]] = {}
        for pattern in sorted(forms):
            self._by_first.setdefault(pattern[:1], []).append(pattern)
        self._beginnings = _beginnings(self._by_first)
        self.found = 0

    def text(self, text: str) -> str:
        """The text with every value replaced."""
        data = text.encode("utf-8", "surrogatepass")
        shown = Masking(self).feed(data, last=True)
        return text if shown == data else shown.decode("utf-8", "replace")

    def document(self, value: Any) -> Any:
        """The same for whatever JSON can say, names of fields and digits of numbers included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self.document(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.document(each) for each in value]
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value if self.text(repr(value)) == repr(value) else MASK.decode("ascii")
        return value

    def spans(self, data: bytes) -> list[tuple[int, int]]:
        """Where something stands that must not be seen, by its beginning; they may overlap."""
        found = []
        passes = self._sieve is None or self._sieve.lets_pass(data)
        for pattern, period in self._patterns if passes else self._patterns[: self._few]:
            at = data.find(pattern)
            while at >= 0:
                found.append((at, at + len(pattern)))
                at = data.find(pattern, at + period)
        found.sort()
        return found

    def open_at(self, data: bytes) -> int:
        """Where something begins that the next bytes may complete; else the end."""
        for begun in self._beginnings.finditer(data, max(0, len(data) - self._window)):
            at = int(begun.start())
            tail = data[at:]
            if any(len(form) > len(tail) and form.startswith(tail) for form in self._by_first[tail[:1]]):
                return at
        return len(data)


class Masking:
    """One stream. However it is cut, the same comes out; what may be the beginning of a value is held back."""

    def __init__(self, masks: Masks) -> None:
        self._masks = masks
        self._held = b""
        self._covered = 0  # so many bytes of what is held are replaced by a mark already

    def feed(self, data: bytes, last: bool = False) -> bytes:
        """What can be shown by now."""
        data = self._held + data
        spans = self._masks.spans(data)
        shown = len(data) if last else self._masks.open_at(data)
        out, done = [], self._covered
        for start, end in spans:
            if start >= shown:
                break
            if start >= done:
                out += [data[done:start], MASK]
                self._masks.found += 1
            done = max(done, end)
        out.append(data[done:shown])
        self._held, self._covered = data[shown:], max(0, done - shown)
        return b"".join(out)


def _forms(value: str) -> Iterator[bytes]:
    bare = value.strip()
    raw = bare.encode("utf-8", "surrogatepass")
    yield raw
    for line in raw.split(b"\n"):
        if not line.startswith(b"-----"):  # the frame of a PEM text is no secret
            yield line.strip()
    for ascii_only in (True, False):
        yield json.dumps(bare, ensure_ascii=ascii_only)[1:-1].encode("utf-8", "surrogatepass")
    yield _quoted(raw, b"")
    yield _quoted(raw, b"/")
    yield _quoted(raw, b" ").replace(b" ", b"+")
    for encoded in _in_base64(raw):
        yield encoded
        yield encoded.translate(bytes.maketrans(b"+/", b"-_"))


def _in_base64(raw: bytes) -> Iterator[bytes]:
    for before in range(3):
        encoded = binascii.b2a_base64(b"\0" * before + raw, newline=False).rstrip(b"=")
        end = len(encoded) - ((before + len(raw)) % 3 != 0)
        whole = encoded[math.ceil(before * 8 / 6) : end]
        yield whole
        if before == 0 and len(raw) <= _WRAPPED_UP_TO:
            for width in _WRAPPED:
                for at in range(0, len(whole), width):
                    yield whole[at : at + width]


def _quoted(raw: bytes, kept: bytes) -> bytes:
    """As in an address."""
    return b"".join(b"%c" % byte if byte in _UNRESERVED or byte in kept else b"%%%02X" % byte for byte in raw)


def _pieces(form: bytes) -> Iterator[bytes]:
    if len(form) < SHORTEST:
        return
    for at in range(0, max(1, len(form) - _PIECE), _STRIDE):
        yield form[at : at + _PIECE]
    yield form[-_PIECE:]


def _period(pattern: bytes) -> int:
    """How far behind one occurrence the next one may begin."""
    return next(shift for shift in range(1, len(pattern) + 1) if pattern.startswith(pattern[shift:]))


def _beginnings(by_first: dict[bytes, list[bytes]]) -> Any:
    """The first byte of any pattern, the second one following, or nothing."""
    parts = []
    for first, patterns in sorted(by_first.items()):
        seconds = b"".join(sorted({b"\\x%02x" % pattern[1] for pattern in patterns}))
        parts.append(b"\\x%02x(?=[%s]|\\Z)" % (first[0], seconds))
    return re.compile(b"|".join(parts) or b"(?!)")
