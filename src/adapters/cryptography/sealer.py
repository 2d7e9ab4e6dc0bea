"""Seals with AES-256-GCM: the value under a key of its own, that one under a key of the installation.

What is stored: a version, the wrapped key with its nonce, the value with its nonce. Both are bound to the place and
to the id of the key, which are authenticated and not stored a second time.
"""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ...domain.secrets.sealing import Place, SealBroken, Sealed
from .keys import KEY_BYTES, KeyFile

_VERSION: Final = b"\x01"
_NONCE: Final = 12
_TAG: Final = 16
_WRAPPED: Final = _NONCE + KEY_BYTES + _TAG
_VALUE: Final = len(_VERSION) + _WRAPPED


class EnvelopeSealer:
    """Keeps nothing but the keys of the file."""

    def __init__(self, keys: KeyFile) -> None:
        self._keys = keys

    def keys(self) -> tuple[str, ...]:
        return tuple(self._keys.read(make=True))

    def seal(self, plain: bytes, place: Place) -> Sealed:
        newest, key = next(iter(self._keys.read(make=True).items()))
        own = AESGCM.generate_key(KEY_BYTES * 8)
        wrapped = _locked(key, own, _bound(b"key", newest, place))
        return Sealed(newest, _VERSION + wrapped + _locked(own, plain, _bound(b"value", "", place)))

    def open(self, sealed: Sealed, place: Place) -> bytes:
        own = self._own_key(sealed, place)
        return _unlocked(own, sealed.data[_VALUE:], _bound(b"value", "", place), place)

    def reseal(self, sealed: Sealed, place: Place) -> Sealed:
        self.open(sealed, place)  # what is broken must not look sound under a newer key
        newest, key = next(iter(self._keys.read().items()))
        wrapped = _locked(key, self._own_key(sealed, place), _bound(b"key", newest, place))
        return Sealed(newest, _VERSION + wrapped + sealed.data[_VALUE:])

    def renew(self) -> str:
        return self._keys.add()

    def _own_key(self, sealed: Sealed, place: Place) -> bytes:
        key = self._keys.read().get(sealed.key)
        if key is None:
            raise self._keys.missing(sealed.key)
        if sealed.data[: len(_VERSION)] != _VERSION:
            raise SealBroken(place)
        return _unlocked(key, sealed.data[len(_VERSION) : _VALUE], _bound(b"key", sealed.key, place), place)


def _locked(key: bytes, plain: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def _unlocked(key: bytes, data: bytes, bound: bytes, place: Place) -> bytes:
    try:
        return AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], bound)
    except (InvalidTag, ValueError) as broken:
        raise SealBroken(place) from broken


def _bound(what: bytes, key: str, place: Place) -> bytes:
    return b"\0".join((_VERSION, what, key.encode(), str(place).encode()))
