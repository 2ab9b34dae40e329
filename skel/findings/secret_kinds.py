"""What kind of secret a text looks like: a second look at what is to be shared, wider than what reports leave out."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections import Counter
from functools import lru_cache
from math import log2

from skel.findings.secret_text import redact_text

_FORMS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("a private key", r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY"),
        ("a certificate", r"-----BEGIN CERTIFICATE"),
        ("a signed token (JWT)", r"\beyJ[\w-]{5,}\.[\w-]{2,}"),
        ("an access key of AWS", r"\bA(?:KI|SI)A[0-9A-Z]{16}\b"),
        ("a login in a URL", r"://[^\s/@:\"']*:[^\s/@\"']+@"),
        (
            "a token of a known service",
            r"\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}"
            r"|AIza[\w-]{35}|sk-[\w-]{20,}|npm_\w{30,}|hv[sb]\.[\w-]{20,})",
        ),
    )
)
_TOKEN = re.compile(r"[A-Za-z0-9+/_=-]{20,}", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}", re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]{32,}", re.ASCII)
# What is random and no secret: identifiers, and digests that say what they are.
_OPEN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|sha(?:1|256|384|512)[:-][0-9a-fA-F]+", re.ASCII)
_CLASSES = tuple(re.compile(pattern, re.ASCII) for pattern in ("[a-z]", "[A-Z]", "[0-9]"))
_RANDOM, _RANDOM_HEX = 3.7, 3.2
"""Bits a character from which a token is random: words have less."""
_LAYERS = 3


@lru_cache(maxsize=65536)
def secret_kind(text: str, layers: int = _LAYERS) -> str:
    """What the text looks like, such as "a private key", "" if like no secret. Looks into base64 as well."""
    for name, form in _FORMS:
        if form.search(text):
            return name
    if redact_text(text) != text:
        return "a password or token with its name"
    inner = _inside(text, layers) if layers > 1 else ""
    return inner or ("a random token" if _has_random(text) else "")


def _inside(text: str, layers: int) -> str:
    for token in _BASE64.findall(text):
        decoded = _decoded(token)
        if decoded and (found := secret_kind(decoded, layers - 1)):
            return found if found.endswith("in base64") else f"{found} in base64"
    return ""


def _decoded(token: str) -> str:
    """The text behind base64, "" if there is none that a person could read."""
    padded = token.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        text = b64decode(padded + "=" * (-len(padded) % 4), validate=True).decode()
    except (NotBase64, ValueError):
        return ""
    return text if all(char.isprintable() or char.isspace() for char in text) else ""


def _has_random(text: str) -> bool:
    return any(_is_random(token) for token in _TOKEN.findall(_OPEN.sub(" ", text)))


def _is_random(token: str) -> bool:
    if _HEX.fullmatch(token):
        return entropy(token.lower()) >= _RANDOM_HEX
    # Words joined by signs are long and have little of it; what mixes classes inside its parts is no word.
    return all(kind.search(token) for kind in _CLASSES) and entropy(token) >= _RANDOM


def entropy(text: str) -> float:
    """Bits a character, by how often each occurs in the text."""
    counts = Counter(text)
    return -sum(count / len(text) * log2(count / len(text)) for count in counts.values())
