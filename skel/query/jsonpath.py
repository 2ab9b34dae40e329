"""A JSONPath from a person: parsed once, with its mistakes told by their place."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import NamedTuple

from jsonpath_ng import DatumInContext, Fields, Index
from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext.parser import parse

from skel.patch.pointer import Pointer
from skel.patch.values import Json


class QueryError(Exception):
    """A JSONPath that can't be read or followed. The message shows the place; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


class Match(NamedTuple):
    """A value, and where it is; None if it is computed, and so is nowhere."""

    pointer: Pointer | None
    value: Json


# What jsonpath-ng lets through when a filter or an arithmetic meets a value that it does not fit.
_MISFITS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, re.error)


class JsonPath:
    """A compiled JSONPath, with the extensions of jsonpath-ng. Raises QueryError if the text is none."""

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # `|` and `&` still work, and are nobody's concern
                self._path = parse(text)
        except JSONPathError as error:
            raise _explained(text, str(error)) from None
        except RecursionError:
            raise QueryError("the JSONPath is nested too deeply") from None

    def find(self, document: Json) -> Iterator[Match]:
        """The matches in a document, in its order. Raises QueryError if a filter can't be worked out."""
        try:
            for datum in self._path.find(document):
                yield Match(_pointer(datum), datum.value)
        except _MISFITS as error:
            raise QueryError(f"`{self.text}` can't be worked out: {error}") from None


def _pointer(datum: DatumInContext) -> Pointer | None:
    tokens: list[str | int] = []
    while (around := datum.context) is not None:
        token = _token(datum.path, around.value)
        if token is None:
            return None
        tokens.append(token)
        datum = around
    # A computed value has no way back to the root; the root itself is a path of no steps.
    return tuple(reversed(tokens)) if tokens or str(datum.path) == "$" else None


def _token(step: object, parent: Json) -> str | int | None:
    if isinstance(step, Fields) and len(step.fields) == 1:
        return str(step.fields[0])
    if isinstance(step, Index) and len(step.indices) == 1:
        index = int(step.indices[0])
        return index if index >= 0 else index + len(parent)
    return None


# ---- mistakes --------------------------------------------------------------------------------------------------------

_PLACE = re.compile(r" (?:at|on) (?:line )?\d+(?:, col |:)(?P<column>\d+)")
_TOKEN = re.compile(r"near token (?P<token>\S+) ")
_CHARACTER = re.compile(r"Unexpected character: (?P<token>.)")
_OPERATOR = re.compile(r"Unknown named operator (?P<token>`[^`]*`)")


def _explained(text: str, message: str) -> QueryError:
    """The parser's words as a sentence, with the place under the text."""
    place, operator = _PLACE.search(message), _OPERATOR.search(message)
    column = text.find(operator["token"]) if operator else int(place["column"]) if place else len(text)
    excerpt = f"\n  {text}\n  {' ' * column}^" if text.isprintable() else ""
    return QueryError(f"the JSONPath is wrong: {_reason(message)}{excerpt}", _hint(text))


def _reason(message: str) -> str:
    if found := _OPERATOR.search(message):
        return f"{found['token']} is no function"
    if found := _TOKEN.search(message) or _CHARACTER.search(message):
        return f"`{found['token']}` is not expected here"
    if "string literal" in message:
        return "the quote is not closed"
    return "it ends too early"


def _hint(text: str) -> str:
    bare = text.strip()
    if bare.startswith("{") and bare.endswith("}"):
        return f"leave out the braces of kubectl: {_rooted(bare[1:-1])}"
    if bare.startswith((".", "[")):
        return f"begin with `$`, the object: {_rooted(bare)}"
    return "a JSONPath looks like $.spec.template.spec.containers[*].image"


def _rooted(text: str) -> str:
    return text if text.startswith("$") else f"${text}"
