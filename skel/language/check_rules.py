"""Checks of what a rule says about itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import MappingProxyType

from skel.kube.version import version_key
from skel.language import ast, codes
from skel.language.check_values import Found
from skel.language.diagnostic import Label, Safety, Severity
from skel.language.nearest import nearest
from skel.language.text import Span

SEVERITIES = tuple(severity.value for severity in Severity)
SAFETIES = tuple(safety.value for safety in Safety)
CATEGORIES = ("removal", "behaviour", "validation", "transform")


def _one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    return lambda value: "" if value in words else f"one of {', '.join(words)}"


def _version(value: str) -> str:
    return "" if version_key(value) is not None else "a version such as 1.25"


def _address(value: str) -> str:
    return "" if value.startswith(("https://", "http://")) else "an address that begins with https://"


def _code(value: str) -> str:
    return "" if re.fullmatch(r"[A-Z]{2,4}[0-9]{3}", value) else "capitals and three digits, such as KU101"


def _line(value: str) -> str:
    return "" if value.strip() and "\n" not in value else "one line of text"


def _prose(value: str) -> str:
    return "" if value.strip() else "some text"


EXPECTED: MappingProxyType[str, Callable[[str], str]] = MappingProxyType(
    {
        "code": _code,
        "title": _line,
        "why": _prose,
        "category": _one_of(CATEGORIES),
        "deprecated": _version,
        "since": _version,
        "severity": _one_of(SEVERITIES),
        "safety": _one_of(SAFETIES),
        "url": _address,
        "alias": _line,
    }
)
"""For each key of a rule, what is wrong with a value: "" or what it should be."""


def check_rule(rule: ast.ResolvedRule) -> Found:
    if not rule.id.strip() or not rule.id.isprintable():
        head = Span(rule.span.source, rule.span.start, min(rule.span.end, rule.span.start + 4))
        yield codes.RULE_METADATA.at(head, "the id of a rule is a line of text", "it stands in every message")
    first: dict[str, ast.Metadata] = {}
    for item in rule.metadata:
        yield from _item(item)
        before = first.setdefault(item.key, item)
        if before is not item:
            labels = (Label(before.span, "the first one"),)
            yield codes.RULE_METADATA.at(item.span, f"`{item.key}` stands twice", labels=labels)


def _item(item: ast.Metadata) -> Found:
    if item.key not in EXPECTED:
        name = Span(item.span.source, item.span.start, item.span.start + len(item.key))
        near = nearest(item.key, EXPECTED)
        hint = f"did you mean `{near}`?" if near is not None else f"known are {', '.join(EXPECTED)}"
        yield codes.RULE_METADATA.at(name, f"a rule has no `{item.key}`", hint)
        return
    wanted = EXPECTED[item.key](item.value)
    if wanted:
        yield codes.RULE_METADATA.at(item.span, f"this is no `{item.key}`", f"it must be {wanted}")
