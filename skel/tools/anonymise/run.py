"""A trace in which nobody recognises the cluster it was recorded in, and which replays as it did.

The rules of the pack do what the language can: texts. The rest follows: keys, groups and kinds, the index, the
lifetimes of pods, and whatever a trace may hold besides.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator

from msgspec import Raw

from skel.engine.events import Progress
from skel.kube.gvk import group_of, gvk, split_gvk
from skel.packs.registry import find
from skel.patch.pointer import PatchError, format_pointer, parse_pointer
from skel.patch.values import Json
from skel.program import compile_sources
from skel.tools.anonymise.renames import OwnKind, Renames, own_kind
from skel.tools.anonymise.rewriting import rewritten
from skel.tools.anonymise.vocabulary import is_own_group
from skel.trace.census import recompute_index
from skel.trace.codec import Event, HeaderProbe, decode_object, encode_object, probe, without_gc
from skel.trace.identity import sight
from skel.trace.model import Config, Index, Lifecycles, Trace
from skel.trace.tracked import tracked_objects

PACK = "anonymise"
# The rule that asks a person to rename keys: here they are renamed.
_LEFT_TO_PEOPLE = "own-keys"
# What stands for a text, whatever the text was: a space and ten letters.
_PSEUDONYM = re.compile(
    r"(\*\.|/)?((name|image|tag|digest|key|group|kind|field)-[a-z2-7]{10}(\.example)?"
    r"|(Kind|kind|field)[a-z2-7]{10}(s|List)?)",
    re.ASCII,
)
_TRACKING = ("podSpecTemplatePaths", "trackLifecycle", "skipOwned")


def anonymise(trace: Trace, key: bytes, *, workers: int | None = None, progress: Progress | None = None) -> Trace:
    """The trace with pseudonyms for all names in it. The same key gives the same pseudonyms in every trace.

    Raises ValueError for an empty key, and TraceError for objects that can't be read.
    """
    if not key:
        raise ValueError("pseudonyms need a key: without one, anybody can guess the names behind them")
    sources = [rule.source for rule in find(PACK).rules if rule.id != _LEFT_TO_PEOPLE]
    renames = Renames.of(key, own_kinds(trace))
    changed, _ = compile_sources(sources, secret=key).apply(trace, workers=workers, progress=progress)
    with without_gc():
        return _renamed(changed, renames)


def is_pseudonym(text: str) -> bool:
    """Whether a text, or each of its parts, is one that stands for another."""
    return all(_PSEUDONYM.fullmatch(part) is not None for part in re.split(r"[:/.](?!example)", text) if part)


def own_kinds(trace: Trace) -> set[OwnKind]:
    """Kinds of groups that are nobody else's, wherever the trace names them. What a definition says of one counts."""
    headers = {gvk(header.apiVersion, header.kind) for header in _headers(trace)}
    named = {*headers, *tracked_objects(trace.config), *trace.index, *(owner for owner, _ in trace.pod_lifecycles)}
    found = {(own.group, own.kind): own for text in named if (own := own_kind(*split_gvk(text)))}
    for own in _defined(trace):
        found[own.group, own.kind] = own
    return set(found.values())


def _headers(trace: Trace) -> Iterator[HeaderProbe]:
    for raw in _objects(trace):
        if header := probe(raw):
            yield header


def _objects(trace: Trace) -> Iterator[Raw]:
    for event in trace.events:
        yield from event.applied_objs
        yield from event.deleted_objs


def _defined(trace: Trace) -> Iterator[OwnKind]:
    for raw in _objects(trace):
        if b"CustomResourceDefinition" not in bytes(raw):
            continue
        spec = decode_object(raw).get("spec")
        names = spec.get("names") if isinstance(spec, dict) else None
        if not isinstance(spec, dict) or not isinstance(names, dict):
            continue
        group, kind, plural = spec.get("group"), names.get("kind"), names.get("plural")
        if isinstance(group, str) and isinstance(kind, str) and (own := own_kind(f"{group}/v1", kind)):
            others = [names.get("singular"), names.get("listKind"), *(names.get("shortNames") or [])]
            words = tuple(word for word in others if isinstance(word, str) and word)
            yield OwnKind(own.group, kind, plural if isinstance(plural, str) else "", words)


def _renamed(trace: Trace, renames: Renames) -> Trace:
    events = [_event(event, renames) for event in trace.events]
    bare = Trace.make(events, _config(trace.config, renames), {}, {})
    index = _index(trace, bare, renames)
    return Trace.make(events, bare.config, index, _lifecycles(trace, bare, renames))


def _event(event: Event, renames: Renames) -> Event:
    """Without what else an event may hold: nobody knows what that is."""
    applied, deleted = ([_object(raw, renames) for raw in side] for side in (event.applied_objs, event.deleted_objs))
    return Event(event.ts, applied, deleted)


def _object(raw: Raw, renames: Renames) -> Raw:
    manifest = decode_object(raw)
    return encode_object(rewritten(manifest, renames))


def _config(config: Config, renames: Renames) -> Config:
    """Of the configuration only what is known to mean something."""
    tracked = {renames.gvk(kind): _entry(kind, entry, renames) for kind, entry in tracked_objects(config).items()}
    return {"trackedObjects": tracked}


def _entry(kind: str, entry: Json, renames: Renames) -> dict[str, Json]:
    result = {key: entry[key] for key in _TRACKING if isinstance(entry, dict) and key in entry}
    if is_own_group(group_of(split_gvk(kind)[0])):
        paths = result.get("podSpecTemplatePaths")
        if isinstance(paths, list):
            result["podSpecTemplatePaths"] = [_path(path, renames) for path in paths]
    return result


def _path(path: Json, renames: Renames) -> Json:
    """The way to a pod template, by the fields that are renamed with all others of the kind."""
    try:
        tokens = parse_pointer(path)
    except (PatchError, TypeError):
        return ""
    return format_pointer(
        tuple(renames.field(word) if isinstance(word, str) and word != "*" else word for word in tokens)
    )


def _index(trace: Trace, bare: Trace, renames: Renames) -> Index:
    """The hashes of the specs as they are now. Names of objects that no event has are nobody's business."""
    hashes = recompute_index(bare)
    result: Index = {}
    for kind, entries in trace.index.items():
        new = renames.gvk(kind)
        kept = {name: found for name in entries if (found := hashes.get(new, {}).get(name)) is not None}
        if kept:
            result[new] = kept
    return result


def _lifecycles(trace: Trace, bare: Trace, renames: Renames) -> Lifecycles:
    """The lifetimes of pods whose owner is there. The hash of a spec could be tried out like a name."""
    known = {seen.identity for raw in _objects(bare) if (seen := sight(raw))}
    return {
        new: {_hidden(spec, renames.secret): found for spec, found in hashes.items()}
        for (kind, name), hashes in trace.pod_lifecycles.items()
        if (new := (renames.gvk(kind), name)) in known
    }


def _hidden(spec: int, secret: bytes) -> int:
    digest = hmac.digest(secret, b"pod spec\0" + spec.to_bytes(8, "little"), "sha256")
    return int.from_bytes(digest[:8], "little")
