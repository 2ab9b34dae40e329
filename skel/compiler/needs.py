"""What must be there for a step to do anything: the reason why most objects need no decoding.

A need is a run of plain keys from the object's root. A step that lacks one of its needs can't match, or can't change
anything; a step without needs can never be ruled out this way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from skel.compiler.paths import Context, object_steps
from skel.compiler.walk import is_digit_key
from skel.language import ast

Need = tuple[str, ...]
DEPTH = 4
WIDTH = 12
"""Deeper keys, and levels with more keys than this, cost the probe more than they save."""


def selector_needs(term: ast.Term, context: Context) -> frozenset[Need]:
    """The keys without which the selector does not hold."""
    match term:
        case ast.Compare(operator="!=" | "==" | "<" | "<=" | ">" | ">=") | ast.Text() | ast.In():
            return path_needs(term.left, context) if isinstance(term.left, ast.Path) else frozenset()
        case ast.Exists() | ast.Bind():
            return path_needs(term.path, context)
        case ast.And():
            return frozenset[Need]().union(*(selector_needs(part, context) for part in term.terms))
        case _:
            return frozenset()


def command_needs(command: ast.ObjectCommand, context: Context) -> frozenset[Need] | None:
    """The keys without which the command changes nothing and skips nothing; None if it never can."""
    if not isinstance(command, ast.Remove | ast.Rename | ast.Replace | ast.Rekey):
        return frozenset()
    if isinstance(command.path.root, ast.PodRoot) and not context.templates:
        return None
    return path_needs(command.path, context)


def path_needs(path: ast.Path, context: Context) -> frozenset[Need]:
    ways = object_steps(path, context) or ()
    return frozenset([need]) if len(ways) == 1 and (need := _leading_keys(ways[0])) else frozenset()


def _leading_keys(steps: tuple[ast.Step, ...]) -> Need:
    keys: list[str] = []
    for step in steps[:DEPTH]:
        if not isinstance(step, ast.Key) or is_digit_key(step):
            break
        keys.append(step.name)
    return tuple(keys)


# ---- the probe: a decoder that reads the needed keys and walks over the rest -----------------------------------------

Chain = tuple[str, ...]
"""The attribute names that lead to a needed key in a decoded probe."""


@dataclass(frozen=True)
class Probe:
    """`decoder` reads apiVersion, kind, the name, and what is needed; `chains` tells where each need is found."""

    decoder: msgspec.msgpack.Decoder[Any]
    chains: dict[Need, Chain]


class _Tree(dict[str, "_Tree"]):
    """The needed keys as nested maps; an empty one is a leaf."""


def build_probe(needs: frozenset[Need]) -> Probe:
    """A probe for these needs. Needs that are too many for their level are cut to their parents."""
    tree = _Tree()
    for need in sorted(needs):
        node = tree
        for key in need:
            node = node.setdefault(key, _Tree())
    _prune(tree)
    metadata = tree.setdefault("metadata", _Tree())
    texts: dict[Chain, Any] = {("apiVersion",): str | None, ("kind",): str | None}
    texts |= {("metadata", "name"): str | None, ("metadata", "namespace"): str | None}
    for name in ("name", "namespace"):
        metadata.setdefault(name, _Tree())
    for name in ("apiVersion", "kind"):
        tree.setdefault(name, _Tree())
    shape = _shape(tree, texts, ())
    chains = {need: chain for need in needs if (chain := _chain(need, tree))}
    return Probe(msgspec.msgpack.Decoder(shape), chains)


def _prune(tree: _Tree) -> None:
    if len(tree) > WIDTH:
        tree.clear()
    for child in tree.values():
        _prune(child)


def _shape(tree: _Tree, texts: dict[Chain, Any], at: Chain) -> type[msgspec.Struct]:
    """The structure type of one level. Field names are numbered, for a key may be no identifier."""
    fields: list[tuple[str, Any, Any]] = []
    rename: dict[str, str] = {}
    for name, child in tree.items():
        field = name if (*at, name) in texts or (*at, name) == ("metadata",) else f"key_{len(fields)}"
        rename[field] = name
        kind: Any = _shape(child, texts, (*at, name)) | None if child else texts.get((*at, name), msgspec.Raw)
        fields.append((field, kind, None))
    return msgspec.defstruct("Probe", fields, rename=rename, gc=False)


def _chain(need: Need, tree: _Tree) -> Chain:
    """The attributes of a need in the shape, cut where the tree was pruned."""
    chain: list[str] = []
    at: Chain = ()
    for key in need:
        if key not in tree:
            break
        named = (*at, key) in {
            ("apiVersion",),
            ("kind",),
            ("metadata",),
            ("metadata", "name"),
            ("metadata", "namespace"),
        }
        chain.append(key if named else f"key_{list(tree).index(key)}")
        at, tree = (*at, key), tree[key]
    return tuple(chain)


def is_present(probe: Any, chain: Chain) -> bool:
    for name in chain:
        probe = getattr(probe, name)
        if probe is None:
            return False
    return True
