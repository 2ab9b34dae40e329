"""IP addresses and networks."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from skel.replay.dry.cause import Causes, invalid

_STRICT = 36
"""The first minor that accepts only the usual way of writing: no leading zeros, no bits behind the prefix."""
_MAPPED = "::ffff:"


def _without_zeros(text: str) -> str:
    """Servers took leading zeros in IPv4 addresses for the sake of old objects; Python does not."""
    if ":" in text:
        return text
    address, slash, length = text.partition("/")
    return ".".join(part.lstrip("0") or "0" if part else "" for part in address.split(".")) + slash + length


def is_address(text: str, minor: int) -> bool:
    """Whether a minor takes a text as an IP address."""
    plain = _without_zeros(text)
    if minor >= _STRICT and (plain != text or text.lower().startswith(_MAPPED)):
        return False
    try:
        ip_address(plain)
    except ValueError:
        return False
    return "%" not in text


def is_ipv6(text: str) -> bool:
    """Whether an address is one of version 6; one that only wraps an older one is not."""
    return ":" in text and not text.lower().startswith(_MAPPED)


def network(text: str, minor: int) -> IPv4Network | IPv6Network | None:
    """The network of a CIDR, None if a minor takes it for none."""
    if text.count("/") != 1 or not text.rpartition("/")[2].isdecimal():
        return None
    plain, strict = _without_zeros(text), minor >= _STRICT
    if strict and (plain != text or text.lower().startswith(_MAPPED)):
        return None
    try:
        return ip_network(plain, strict=strict)
    except ValueError:
        return None


def valid_address(text: str, minor: int, *steps: str | int) -> Causes:
    if not is_address(text, minor):
        detail = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
        yield invalid(*steps, value=text, detail=detail)


def ordinary_address(text: str, *steps: str | int) -> Causes:
    """An address that traffic can be sent to."""
    if not is_address(text, 0):
        yield invalid(*steps, value=text, detail="must be a valid IP address")
        return
    address = ip_address(_without_zeros(text))
    if address.is_unspecified:
        yield invalid(*steps, value=text, detail=f"may not be unspecified ({text})")
    if address.is_loopback:
        yield invalid(*steps, value=text, detail="may not be in the loopback range (127.0.0.0/8, ::1/128)")
    if address.is_link_local:
        yield invalid(*steps, value=text, detail="may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    if address.is_multicast and text.startswith(("224.0.0.", "ff02:")):
        detail = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
        yield invalid(*steps, value=text, detail=detail)
