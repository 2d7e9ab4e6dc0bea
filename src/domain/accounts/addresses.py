"""Addresses that somebody calls from."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final

UNKNOWN: Final = "unknown"
_HOUSE_BITS: Final = 64
"""Who has one address of IPv6 has them all, up to here."""


@lru_cache(maxsize=4096)
def house(text: str) -> str:
    """All addresses that are as good as this one; what is no address is `unknown`."""
    try:
        address = ip_address(text)
    except ValueError:
        return UNKNOWN
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> _HOUSE_BITS << _HOUSE_BITS)}/{_HOUSE_BITS}"
