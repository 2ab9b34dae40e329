"""Patched YAML with its comments and layout: only the text of what changes is written anew.

The new text is read again before it is given back: it says exactly what the operations ask for, or there is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from skel.manifests.complaint import UnreadableError
from skel.manifests.composed import compose
from skel.manifests.edit import change
from skel.manifests.emit import Emitter, manner_of
from skel.manifests.errors import RewriteError
from skel.manifests.json_rewrite import rewrite_json
from skel.manifests.nodes import Alias, Node, Scalar, Sequence
from skel.manifests.pieces import Piece, line_and_column, pieces
from skel.manifests.render import Renderer
from skel.manifests.roots import JsonRoot, Root, YamlRoot, documents_in, roots
from skel.manifests.slots import ExplicitKeyError, Slots
from skel.manifests.tree import grow
from skel.patch.operations import Add, Copy, Move, Operation, PatchError, Remove, Replace, Test, apply
from skel.patch.pointer import Pointer
from skel.patch.values import Json, equal_json

Place = tuple[int, Pointer]
"""Number of the document in its file (from 1), and the way to the object inside of a list."""

Patches = Mapping[Place, Iterable[Operation] | None]
"""What happens to each object; None takes it out of the file."""


@dataclass(slots=True)
class Rewritten:
    """The new text, and why some documents are as they were: by their number."""

    text: str
    errors: dict[int, RewriteError] = field(default_factory=dict)


def rewrite(text: str, patches: Patches, *, is_json: bool = False) -> str:
    """The text with the patches carried out. Raises RewriteError for the first that can't be written."""
    done = rewrite_what_can_be(text, patches, is_json=is_json)
    for error in done.errors.values():
        raise error
    return done.text


def rewrite_what_can_be(text: str, patches: Patches, *, is_json: bool = False) -> Rewritten:
    """The same, but a document that can't be written stays as it was, and the others are done."""
    done = Rewritten(text)
    found = roots(text, is_json=is_json)
    for number, wanted in sorted(_by_document(patches).items(), reverse=True):
        try:
            root = found[number - 1] if number <= len(found) else None
            neighbours = _neighbours(found, root)
            done.text = _with_document(done.text, root, neighbours, wanted)
            if len(neighbours) > 1:
                found = roots(done.text, is_json=is_json)
        except RewriteError as error:
            if error.offset is not None:
                error.line = line_and_column(text, error.offset)[0]
            done.errors[number] = error
    return done


_Wanted = list[Operation] | None


def _by_document(patches: Patches) -> dict[int, _Wanted]:
    """All the operations of a document, from its root; items that go, go last and from the end."""
    wanted: dict[int, _Wanted] = {}
    removals: list[Place] = []
    for (number, path), operations in patches.items():
        if operations is not None:
            wanted.setdefault(number, [])
            _add(wanted, number, [_below(path, operation) for operation in operations])
        elif path:
            removals.append((number, path))
        else:
            wanted[number] = None
    for number, path in sorted(removals, key=lambda place: place[1], reverse=True):
        wanted.setdefault(number, [])
        _add(wanted, number, [Remove(path)])
    return wanted


def _add(wanted: dict[int, _Wanted], number: int, operations: list[Operation]) -> None:
    found = wanted[number]
    if found is not None:
        found += operations


def _below(path: Pointer, operation: Operation) -> Operation:
    match operation:
        case Add(at, value):
            return Add(path + at, value)
        case Replace(at, value):
            return Replace(path + at, value)
        case Remove(at):
            return Remove(path + at)
        case Move(source, at):
            return Move(path + source, path + at)
        case Copy(source, at):
            return Copy(path + source, path + at)
        case Test(at, value):
            return Test(path + at, value)


def _neighbours(found: list[Root], root: Root) -> list[Node]:
    """The documents in its piece of the text, itself included."""
    if not isinstance(root, YamlRoot):
        return []
    return [other.node for other in found if isinstance(other, YamlRoot) and other.piece == root.piece]


def _with_document(text: str, root: Root, neighbours: list[Node], wanted: _Wanted) -> str:
    match root:
        case None:
            raise RewriteError("this document can't be read any more", "read the file again")
        case JsonRoot(start=start, end=end):
            said = text[start:end]
            return text[:start] + ("" if wanted is None else rewrite_json(said, wanted)) + text[end:]
        case YamlRoot(piece=piece, node=node):
            said = text[piece.start : piece.end]
            try:
                return text[: piece.start] + _new_piece(said, node, neighbours, wanted) + text[piece.end :]
            except RewriteError as error:
                error.offset = piece.start + (error.offset or node.start)
                raise
            except (UnreadableError, RecursionError):
                message = "this document can't be read, or is nested too deeply to be rewritten"
                raise RewriteError(message, "make the change by hand", piece.start + node.start) from None


def _new_piece(text: str, node: Node, documents: list[Node], wanted: _Wanted) -> str:
    if wanted is None:
        if len(documents) > 1:
            raise RewriteError("this document is followed by `...` and another one", "remove it by hand")
        return ""
    rank = documents.index(node)
    values = _values(text)
    values[rank] = _expected(values[rank], wanted)
    for keeps in (True, False):
        new = _spliced(text, node, wanted, keeps=keeps)
        # A text in block style ends with a line end; without one it would lose its own.
        for candidate in (new, new + "\n"):
            if candidate == text or _says(candidate, values):
                return candidate
    closed = _closed(text, node)
    if closed != text:
        again = documents_in(closed)
        return _new_piece(closed, again[rank], again, wanted)
    raise RewriteError("the change does not fit into the layout of this document", "make it by hand", node.start)


def _closed(text: str, node: Node) -> str:
    """A text that ends in a block without a line end says so in its header: `|` becomes `|-`."""
    while not isinstance(node, Scalar | Alias):
        children = node.items if isinstance(node, Sequence) else [value for _, value in node.pairs]
        if not children:
            return text
        node = children[-1]
    start = text.find("|", node.start) + 1
    is_open = isinstance(node, Scalar) and node.style == "|" and not text.endswith("\n") and text[start] in "\r\n"
    return f"{text[:start]}-{text[start:]}" if is_open else text


def _expected(value: Json, wanted: list[Operation]) -> Json:
    try:
        return apply(value, wanted)
    except PatchError as error:
        raise RewriteError(f"the change does not fit what stands here: {error}", "read the file again") from None


def _spliced(text: str, node: Node, wanted: list[Operation], *, keeps: bool) -> str:
    """The piece with the operations carried out in its text."""
    slots = Slots(text)
    try:
        tree = change(grow(node, slots), wanted)
        return Renderer(Emitter(slots, manner_of(text), keeps)).document(tree, node)
    except ExplicitKeyError as error:
        raise RewriteError("an entry that begins with `?`", "write it as `key: value`", error.offset) from None
    except PatchError as error:
        raise RewriteError(str(error), "make this change by hand", node.start) from None


def _says(text: str, expected: list[Json]) -> bool:
    """Whether the text is one piece with these documents."""
    if pieces(text) != [Piece(0, len(text))]:
        return False
    try:
        return equal_json(_values(text), expected)
    except UnreadableError:
        return False


def _values(text: str) -> list[Json]:
    return [document.value for document in compose(text) if document.value is not None]
