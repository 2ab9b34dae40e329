"""What merge keys (`<<`) give a map, and whether they still give what it shall have."""

from __future__ import annotations

from skel.manifests.errors import RewriteError
from skel.manifests.tree import Entry, Map, Reference, Row, Tree, plain
from skel.patch.values import Json, equal_json


def still_given(tree: Map) -> set[str]:
    """The keys that the merge keys of this map give as they shall be. Raises RewriteError for one that must go."""
    given = _given(tree)
    for name in given:
        if name not in tree.entries:
            start = next(entry.slot.start for entry in tree.origin if entry.is_merged and entry.slot)
            raise RewriteError(f"`{name}` comes from a merge key (`<<`)", "take it out of what is merged", start)
    return {name for name, value in given.items() if _is_given(tree.entries[name], value)}


def _is_given(entry: Entry, value: Json) -> bool:
    return entry.is_merged and equal_json(plain(entry.value), value)


def _given(tree: Map) -> dict[str, Json]:
    """By their order in the map: what stands later counts."""
    given: dict[str, Json] = {}
    for entry in tree.origin:
        if entry.is_merged:
            for source in _sources(entry.value):
                given |= plain(source)
        else:
            given.pop(entry.key, None)
    return given


def _sources(tree: Tree) -> list[Tree]:
    if isinstance(tree, Row):
        return [source for item in reversed(tree.items) for source in _sources(item.value)]
    return [tree.target if isinstance(tree, Reference) else tree]
