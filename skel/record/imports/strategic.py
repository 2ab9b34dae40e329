"""Strategic merge patches, as `kubectl` and KWOK compute them: what they say of lists stands in them.

https://github.com/kubernetes/community/blob/main/contributors/devel/sig-api-machinery/strategic-merge-patch.md
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from skel.kube.release import minors
from skel.kube.schema import Field, schema
from skel.patch.values import Json

_ORDER, _DELETED, _PATCH, _KEPT = "$setElementOrder/", "$deleteFromPrimitiveList/", "$patch", "$retainKeys"
Map = dict[str, Json]


def patched(thing: Mapping[str, Json], patch: Mapping[str, Json]) -> Map:
    """The object with the patch; neither is changed. Schemas are asked only where the patch does not tell a key."""
    return _map(thing, patch, _root(thing))


def _root(thing: Mapping[str, Json]) -> Field | None:
    """The newest schema that is known of a kind."""
    api_version, kind = str(thing.get("apiVersion")), str(thing.get("kind"))
    trees = (schema(api_version, kind, minor) for minor in reversed(minors()))
    return next((tree for tree in trees if tree is not None), None)


def _map(old: Mapping[str, Json], patch: Mapping[str, Json], field: Field | None) -> Map:
    if patch.get(_PATCH) == "replace":
        return {key: _bare(value) for key, value in _plain(patch.items())}
    if patch.get(_PATCH) == "delete":
        return {}
    kept = patch.get(_KEPT)
    result: Map = {key: value for key, value in old.items() if not isinstance(kept, list) or key in kept}
    listed = {key.partition("/")[2] for key in patch if key.startswith((_ORDER, _DELETED))}
    for key in [*(key for key in patch if not key.startswith("$")), *sorted(listed - patch.keys())]:
        value = patch.get(key)
        inner = _below(field, key)
        if key in listed or (isinstance(value, list) and _is_merged(value, inner)):
            result[key] = _list(result.get(key), value, (patch.get(_ORDER + key), patch.get(_DELETED + key)), inner)
        elif value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            before = result.get(key)
            result[key] = _map(before if isinstance(before, dict) else {}, value, inner)
        else:
            result[key] = value
    return result


def _below(field: Field | None, key: str) -> Field | None:
    return None if field is None else field.values or field.fields.get(key)


def _is_merged(value: list[Json], field: Field | None) -> bool:
    """Whether a list without orders of its own is merged by a key."""
    has_marks = any(isinstance(item, dict) and _PATCH in item for item in value)
    return has_marks or (field is not None and bool(field.merge_key))


def _list(old: Json, new: Json, said: tuple[Json, Json], field: Field | None) -> list[Json]:
    """`said` is the order that the result has, and which plain values go."""
    before, after = (list(value) if isinstance(value, list) else [] for value in (old, new))
    order, deleted = (value if isinstance(value, list) else [] for value in said)
    if any(isinstance(item, dict) and item == {_PATCH: "replace"} for item in after):
        return [_bare(item) for item in after if item != {_PATCH: "replace"}]
    if not any(isinstance(item, dict) for item in (*before, *after, *order)):
        values = [value for value in before if value not in deleted]
        values += [value for value in after if value not in values]
        return _sorted(values, order)
    key = _merge_key(order, after, field)
    return _maps(before, after, order, key, field) if key else after


def _merge_key(order: list[Json], after: list[Json], field: Field | None) -> str:
    """By what items are told apart: the order names it, or the mark of an item that goes, or the schema."""
    for item in order:
        if isinstance(item, dict) and len(item) == 1:
            return str(next(iter(item)))
    for item in after:
        if isinstance(item, dict) and item.get(_PATCH) == "delete" and len(item) == 2:
            return str(next(name for name in item if name != _PATCH))
    return field.merge_key if field is not None else ""


def _maps(before: list[Json], after: list[Json], order: list[Json], key: str, field: Field | None) -> list[Json]:
    items = [item for item in before if isinstance(item, dict)]
    for change in after:
        if not isinstance(change, dict):
            continue
        at = next((number for number, item in enumerate(items) if item.get(key) == change.get(key)), None)
        if change.get(_PATCH) == "delete":
            items = [item for item in items if item.get(key) != change.get(key)]
        elif at is None:
            items.append(_bare(change))
        else:
            items[at] = _map(items[at], change, field.items if field else None)
    places = {_word(item.get(key)): number for number, item in enumerate(order) if isinstance(item, dict)}
    return sorted(items, key=lambda item: places.get(_word(item.get(key)), len(places)))


def _sorted(values: list[Json], order: list[Json]) -> list[Json]:
    places = {_word(value): number for number, value in enumerate(order)}
    return sorted(values, key=lambda value: places.get(_word(value), len(places)))


def _word(value: Json) -> str:
    return repr(value)


def _bare(value: Json) -> Json:
    """What is new, without directives and without what is deleted from nothing."""
    if isinstance(value, dict):
        return {key: _bare(inner) for key, inner in _plain(value.items())}
    if isinstance(value, list):
        return [_bare(item) for item in value]
    return value


def _plain(items: Iterable[tuple[str, Json]]) -> Iterable[tuple[str, Json]]:
    return ((key, value) for key, value in items if not key.startswith("$") and value is not None)
