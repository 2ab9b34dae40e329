"""Config, index and pod lifetimes of two traces as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec

from skel.patch.values import Json
from skel.trace.identity import Identity
from skel.trace.lifecycle import Lifetimes, by_start
from skel.trace.model import Config, Index, Lifecycles
from skel.trace.tracked import tracked_objects
from skel.trace.weaving import weave


def merge_config(one: Config, other: Config) -> Config:
    """The first one's, with what the other tracks besides. Of a kind that both track, all that either says holds."""
    ours, theirs = tracked_objects(one), tracked_objects(other)
    if ours == theirs or not theirs:
        return one
    tracked = {kind: _tracked(ours.get(kind), theirs.get(kind)) for kind in weave(list(ours), list(theirs))}
    return {**one, "trackedObjects": tracked}


def _tracked(one: Json, other: Json) -> Json:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return other if one is None else one
    united = {**other, **one}
    for key, value in other.items():
        own = one.get(key)
        if isinstance(value, bool) and isinstance(own, bool):
            united[key] = own or value
        elif isinstance(value, list) and isinstance(own, list):
            united[key] = list(dict.fromkeys((*own, *value)))
    return united


def merge_index(
    one: Index, other: Index, last_of_one: Mapping[Identity, int], last_of_other: Mapping[Identity, int]
) -> Index:
    """Each object with the hash of the trace that saw it change last; the times say when either did."""
    result: Index = {}
    for kind in weave(list(one), list(other)):
        ours, theirs = one.get(kind, {}), other.get(kind, {})
        result[kind] = {
            name: theirs[name]
            if name not in ours or (name in theirs and _is_newer((kind, name), last_of_other, last_of_one))
            else ours[name]
            for name in weave(list(ours), list(theirs))
        }
    return result


def _is_newer(who: Identity, here: Mapping[Identity, int], there: Mapping[Identity, int]) -> bool:
    return who in here and (who not in there or here[who] >= there[who])


def merge_lifecycles(one: Lifecycles, other: Lifecycles) -> Lifecycles:
    """All lifetimes; those that both recorded once."""
    return {owner: _lifetimes(one.get(owner), other.get(owner)) for owner in weave(list(one), list(other))}


def _lifetimes(one: Lifetimes | None, other: Lifetimes | None) -> Lifetimes:
    if one is None or other is None:
        return one or other or {}
    return {key: _woven(one.get(key, []), other.get(key, [])) for key in weave(list(one), list(other))}


def _woven(one: list[Json], other: list[Json]) -> list[Json]:
    woven = weave(one, other, key=msgspec.msgpack.encode)
    in_order = _is_in_order(one) and _is_in_order(other)
    return sorted(woven, key=by_start) if in_order else woven


def _is_in_order(lifetimes: Sequence[Json]) -> bool:
    return all(by_start(first) <= by_start(second) for first, second in pairwise(lifetimes))
