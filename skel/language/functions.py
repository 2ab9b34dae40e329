"""The functions of the language: how many arguments they take, and what they give."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal as OneOf

from skel.kube.duration import parse_duration
from skel.kube.quantity import parse_quantity
from skel.kube.version import version_key

Gives = OneOf["string", "number", "list", "measure"]
ANY_NUMBER = 1_000


@dataclass(frozen=True, slots=True)
class Function:
    """`least` to `most` arguments; `fields` are the parts of its result, one of which must be named if there are
    any.
    """

    usage: str
    gives: Gives
    least: int = 1
    most: int = 1
    fields: tuple[str, ...] = ()


FUNCTIONS: MappingProxyType[str, Function] = MappingProxyType(
    {
        "concat": Function("concat(text, text, ...)", "string", 1, ANY_NUMBER),
        "duration": Function("duration(path)", "measure"),
        "format": Function('format("{}-{}", value, value)', "string", 1, ANY_NUMBER),
        "hash": Function("hash(value)", "string"),
        "image": Function("image(path).tag", "string", 1, 1, ("registry", "repository", "name", "tag", "digest")),
        "join": Function('join(list, ",")', "string", 2, 2),
        "keys": Function("keys(map)", "list"),
        "length": Function("length(value)", "number"),
        "lower": Function("lower(text)", "string"),
        "pseudonym": Function('pseudonym(text, "namespace")', "string", 2, 2),
        "quantity": Function("quantity(path)", "measure"),
        "replace": Function('replace(text, "regex", "text $1")', "string", 3, 3),
        "split": Function('split(text, ",")', "list", 2, 2),
        "trim": Function("trim(text)", "string"),
        "upper": Function("upper(text)", "string"),
        "version": Function("version(path)", "measure"),
    }
)


def is_measured(function: str, text: str) -> bool:
    """Whether the text is a quantity, a duration or a version."""
    match function:
        case "quantity":
            return parse_quantity(text) is not None
        case "duration":
            return parse_duration(text) is not None
        case _:
            return version_key(text) is not None
