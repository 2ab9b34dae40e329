"""The documents of a text with all their places: what `locate` and rewriting look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from skel.manifests import json_text
from skel.manifests.complaint import UnreadableError
from skel.manifests.nodes import Node, Scalar, nodes
from skel.manifests.pieces import Piece, pieces
from skel.manifests.values import scalar_value


@dataclass(frozen=True, slots=True)
class JsonRoot:
    """A JSON value, half-open."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class YamlRoot:
    """A YAML document in its piece of the text; places of nodes count from the beginning of the piece."""

    piece: Piece
    node: Node


Root = JsonRoot | YamlRoot | None
"""None for what can't be read."""


def roots(text: str, *, is_json: bool) -> list[Root]:
    """The documents by their number (less one). `is_json`: the name of the file says so."""
    found: list[Root] = []
    if is_json or json_text.looks_like_json(text):
        # What stands before a broken one is there.
        with suppress(UnreadableError):
            found.extend(JsonRoot(it.start, it.end) for it in json_text.documents(text) if it.value is not None)
    return found or list(_yaml(text))


def _yaml(text: str) -> Iterator[Root]:
    for piece in pieces(text):
        try:
            yield from (YamlRoot(piece, node) for node in documents_in(text[piece.start : piece.end]))
        except UnreadableError:
            yield None


def documents_in(text: str) -> list[Node]:
    """Those in a piece that are not empty. Raises UnreadableError."""
    return [node for node in nodes(text) if not _is_null(node)]


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and scalar_value(node) is None
