"""The functions of the language. Each gives None where it has no answer: the wrong type, a text that is no quantity."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from skel.kube.duration import parse_duration
from skel.kube.image import parse_image
from skel.kube.quantity import parse_quantity
from skel.kube.version import version_key
from skel.patch.values import Json

if TYPE_CHECKING:
    import re2


def text_of(value: Json) -> str | None:
    """Strings as they are, numbers in decimal; nothing else has a text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(value)


def _lower(value: Json) -> str | None:
    return value.lower() if isinstance(value, str) else None


def _upper(value: Json) -> str | None:
    return value.upper() if isinstance(value, str) else None


def _trim(value: Json) -> str | None:
    return value.strip() if isinstance(value, str) else None


def _concat(*values: Json) -> str | None:
    texts = [text_of(value) for value in values]
    return None if None in texts else "".join(text for text in texts if text is not None)


def _split(value: Json, separator: Json) -> list[str] | None:
    if not (isinstance(value, str) and isinstance(separator, str) and separator):
        return None
    return value.split(separator)


def _join(values: Json, separator: Json) -> str | None:
    if not (isinstance(values, list) and isinstance(separator, str)):
        return None
    texts = [text_of(value) for value in values]
    return None if None in texts else separator.join(text for text in texts if text is not None)


def _length(value: Json) -> int | None:
    return len(value) if isinstance(value, str | list | dict) else None


def _keys(value: Json) -> list[str] | None:
    return list(value) if isinstance(value, dict) else None


_HOLE = re.compile(r"\{\{|\}\}|\{\}")


def _format(pattern: Json, *values: Json) -> str | None:
    texts = [text_of(value) for value in values]
    if not isinstance(pattern, str) or None in texts:
        return None
    rest = iter(texts)
    try:
        return _HOLE.sub(lambda hole: str(next(rest)) if hole[0] == "{}" else hole[0][0], pattern)
    except StopIteration:
        return None


def _hash(value: Json) -> str | None:
    text = text_of(value)
    return None if text is None else hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def pseudonym(secret: bytes, value: Json, space: Json) -> str | None:
    """A stable stand-in: the same text in the same name space gets the same pseudonym under the same key
    (HMAC-SHA256).
    """
    text = text_of(value)
    if text is None or not isinstance(space, str):
        return None
    digest = hmac.digest(secret, f"{space}\0{text}".encode(errors="surrogatepass"), "sha256")
    return f"{space}-{base64.b32encode(digest).decode().lower()[:10]}"


def _image(value: Json, part: str = "") -> str | None:
    image = parse_image(value) if isinstance(value, str) else None
    return (getattr(image, part) or None) if image and part else None


def _quantity(value: Json) -> Decimal | None:
    return parse_quantity(value)


def _duration(value: Json) -> float | None:
    return parse_duration(value) if isinstance(value, str) else None


def _version(value: Json) -> tuple[Any, ...] | None:
    return version_key(value) if isinstance(value, str) else None


@lru_cache(maxsize=512)
def regex(pattern: str) -> re2.Pattern[str]:
    """The compiled pattern; RE2 takes linear time whatever the pattern, so a rule from a stranger can't hang a run."""
    import re2

    return re2.compile(pattern)


_GROUP = re.compile(r"\$(\$|[0-9])")


def substitute(value: str, pattern: str, replacement: str) -> str:
    """Every match replaced; `$1` to `$9` are groups, `$0` the whole match, `$$` a dollar sign."""

    def expand(match: Any) -> str:
        def group(part: re.Match[str]) -> str:
            name = part[1]
            if name == "$":
                return "$"
            return (match.group(int(name)) or "") if int(name) <= match.re.groups else ""

        return _GROUP.sub(group, replacement)

    return str(regex(pattern).sub(expand, value))


def _replace(value: Json, pattern: Json, replacement: Json) -> str | None:
    if not (isinstance(value, str) and isinstance(pattern, str) and isinstance(replacement, str)):
        return None
    return substitute(value, pattern, replacement)


FUNCTIONS: MappingProxyType[str, Callable[..., Json]] = MappingProxyType(
    {
        "concat": _concat,
        "duration": _duration,
        "format": _format,
        "hash": _hash,
        "image": _image,
        "join": _join,
        "keys": _keys,
        "length": _length,
        "lower": _lower,
        "quantity": _quantity,
        "replace": _replace,
        "split": _split,
        "trim": _trim,
        "upper": _upper,
        "version": _version,
    }
)
MEASURES = ("quantity", "duration", "version")
"""Functions whose results only compare: they are no JSON values."""
