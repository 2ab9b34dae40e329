"""What looks like a secret in a text, and the text without it."""

from __future__ import annotations

import re
from functools import lru_cache

from skel.patch.values import Json

REDACTED = "<redacted>"

# What a name ends with whose value is a secret. `secretName`, `tokenSecretRef` and `PASSWORD_FILE` only point to one.
_NAME = (
    r"(?:pass(?:word|wd|phrase)|pwd|token|credentials?"
    r"|(?:api|access|private|signing|encryption|account|shared)[-_.]?key)"
)
_FIELD = re.compile(rf"(?:{_NAME}|secret)$", re.IGNORECASE)
# Variables are named with less care, and what they hold is seldom needed in a report.
_VARIABLE = re.compile(
    rf"{_NAME}|secret|pass|auth|dsn|webhook|connection[-_.]?string|(?:^|[-_.])key(?:$|[-_.0-9])|key$", re.IGNORECASE
)
_POINTS_ELSEWHERE = re.compile(r"(?:name|namespace|ref|file|path|dir|seconds|ttl|type|enabled|mode)s?$", re.IGNORECASE)

_QUOTED = r"""(?:\\"(?:[^"\\]|\\[^"])*\\?"|"(?:[^"\\]|\\.)*"?|'[^']*'?)"""
_WORD = r"[^\s,;&\"'<>{}\[\]()]+"
_LINE = r"[^\s<{\[&*|>][^\n]*"
_BLOCK = r"[|>][-+0-9]*[ \t]*\n(?:[ \t]+[^\n]*(?:\n|\Z))+"

_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL | re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?:.*?-----END [A-Z0-9 ]{0,40}-----|.*)", REDACTED),
        # A manifest inside a text: the last-applied annotation, the release of Helm. Its secrets have no names here.
        (r'\{\s*\\*"(?:apiVersion|kind|metadata|data|stringData)\\*"(?:.*\}|.*)', REDACTED),
        (r"\beyJ[\w-]{5,}\.[\w-]{2,}(?:\.[\w-]*)?", REDACTED),
        (r"(?<=://)[^\s/@:\"']*:[^\s/@\"']*(?=@)", REDACTED),
        (r"\b(bearer|basic)(\s+)[\w.~+/=-]{8,}", rf"\1\2{REDACTED}"),
        (
            r"\b(?:A(?:KI|SI)A[0-9A-Z]{16}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}"
            r"|AIza[\w-]{35}|sk-[\w-]{20,}|npm_\w{30,}|hv[sb]\.[\w-]{20,})",
            REDACTED,
        ),
        # The token with which a node joins: six letters, a dot, sixteen more.
        (r"(?<![\w.-])[a-z0-9]{6}\.(?=[a-z]*[0-9])[a-z0-9]{16}(?![\w.-])", REDACTED),
        # An environment variable in a text: its name, then its value.
        (
            rf"(\bname\\?[\"']?\s*[:=]\s*\\?[\"']?[\w.-]{{0,80}}(?:{_NAME}|secret|key)[\w.-]{{0,80}}\\?[\"']?\s*,?\s*"
            rf"\\?[\"']?value\\?[\"']?\s*[:=]\s*)(?:{_QUOTED}|{_LINE})",
            rf"\g<1>{REDACTED}",
        ),
        (rf"(--[\w-]{{0,80}}(?:{_NAME}|secret)\s+)(?!-)(?:{_QUOTED}|{_WORD})", rf"\g<1>{REDACTED}"),
        (rf"((?:{_NAME}|secret)\\?[\"']?\s*=\s*)(?:{_QUOTED}|{_WORD})", rf"\g<1>{REDACTED}"),
        (
            rf"((?:{_NAME}|[\w.-]secret|\bsecret\\?[\"'])\\?[\"']?:\s*)(?:{_BLOCK}|{_QUOTED}|{_LINE})",
            rf"\g<1>{REDACTED}",
        ),
    )
)


@lru_cache(maxsize=4096)
def redact_text(text: str) -> str:
    """The text with `<redacted>` in place of keys, tokens, passwords, logins in URLs, and manifests inside it."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()  # half a surrogate pair can't be written
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def flag_is_secret(argument: Json) -> bool:
    """Whether the argument behind this one of a command line is likely a secret: `--db-password`."""
    return isinstance(argument, str) and argument.startswith("--") and bool(_FIELD.search(argument))


def field_is_secret(name: str) -> bool:
    """Whether a text under this key of an object is likely a secret: `apiKey`, `password`, not `topologyKey`."""
    return bool(_FIELD.search(name))


def variable_is_secret(name: str) -> bool:
    """Whether the environment variable of this name likely holds a secret: `DB_PASSWORD`, not `TOKEN_FILE`."""
    return bool(_VARIABLE.search(name)) and not _POINTS_ELSEWHERE.search(name)
