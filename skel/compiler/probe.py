"""A decoder that reads the header, the name and the needed keys of an object, and walks over the rest."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from skel.compiler.needs import Need

Chain = tuple[str, ...]
"""The attribute names that lead to a needed key in a decoded probe."""

TEXTS = frozenset({("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")})
"""What every probe reads: texts, None if they are missing or null."""

WIDTH = 12
"""A level with more needed keys than this costs more than it saves."""


@dataclass(frozen=True)
class Probe:
    """`decoder` gives the structure, or raises for an object of odd types; `chains` tells where each need is found."""

    decoder: msgspec.msgpack.Decoder[Any]
    chains: dict[Need, Chain]


class _Tree(dict[str, "_Tree"]):
    """The needed keys as nested maps; an empty one is a leaf."""


def build_probe(needs: frozenset[Need]) -> Probe:
    """A probe for these needs. Needs that are too many for their level are cut to their parents."""
    tree = _Tree()
    for need in sorted(needs):
        _plant(tree, tuple(takewhile(_is_field, need)))
    _prune(tree)
    for text in TEXTS:
        _plant(tree, text).clear()
    chains = {need: chain for need in needs if (chain := _chain(need, tree))}
    return Probe(msgspec.msgpack.Decoder(_shape(tree, ())), chains)


def _is_field(key: str) -> bool:
    """Whether a structure can have a field for the key; any other key is left to whoever decodes the object."""
    return not ({'"', "\\"} & set(key)) and all(letter >= " " for letter in key)


def _plant(tree: _Tree, path: Need) -> _Tree:
    for key in path:
        tree = tree.setdefault(key, _Tree())
    return tree


def _prune(tree: _Tree) -> None:
    if len(tree) > WIDTH:
        tree.clear()
    for child in tree.values():
        _prune(child)


def _shape(tree: _Tree, at: Need) -> type[msgspec.Struct]:
    """The structure of one level. A null key is there, so what is absent is UNSET, not None."""
    fields: list[tuple[str, Any, Any]] = []
    for key, child in tree.items():
        path = (*at, key)
        if path in TEXTS:
            fields.append((key, str | None, None))
        elif child:
            fields.append((_attribute(path, tree), _shape(child, path) | None | UnsetType, UNSET))
        else:
            fields.append((_attribute(path, tree), Raw | UnsetType, UNSET))
    names = {field: key for (field, _, _), key in zip(fields, tree, strict=True)}
    return msgspec.defstruct("Probe", fields, rename=names, gc=False)


def _attribute(path: Need, level: _Tree) -> str:
    """Attributes are numbered, for a key may be no identifier."""
    return "metadata" if path == ("metadata",) else f"key_{list(level).index(path[-1])}"


def _chain(need: Need, tree: _Tree) -> Chain:
    """The attributes of a need, cut where the tree was pruned and before a text, of which None says nothing."""
    chain: list[str] = []
    for depth, key in enumerate(need):
        path = need[: depth + 1]
        if key not in tree or path in TEXTS:
            break
        chain.append(_attribute(path, tree))
        tree = tree[key]
    return tuple(chain)


def is_present(probe: Any, chain: Chain) -> bool:
    """Whether the needed key is there; a chain has at least one attribute."""
    for name in chain[:-1]:
        probe = getattr(probe, name)
        if probe is None or probe is UNSET:
            return False
    return getattr(probe, chain[-1]) is not UNSET
