"""Two snapshots around an upgrade -> what it changed: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from skel.replay.pod_marks import Ours
from skel.replay.requests import FIELD_MANAGER
from skel.replay.snapshot import KindKey, ObjectKey, Seen, Snapshot
from skel.replay.upgrade_lines import MOST, Changes, Group, Named, Pods

_PODS: KindKey = ("", "Pod")
_FINISHED = frozenset({"Succeeded", "Failed"})
Deleted = Callable[[ObjectKey], bool]
"""Whether the replay deleted an object between the two snapshots."""
Pair = tuple[ObjectKey, Seen, Seen | None]


class Hopped:
    """A cluster before and behind an upgrade."""

    def __init__(self, before: Snapshot, after: Snapshot, ours: Ours) -> None:
        self._before = before
        self._after = after
        self._ours = ours
        # Owners that are as they were: nobody asked them for anything new.
        known = {seen.uid: seen.generation for seen in before.objects.values()}
        self._unchanged = {seen.uid for seen in after.objects.values() if known.get(seen.uid) == seen.generation}

    def changes(self, deleted: Deleted = lambda _: False) -> Changes:
        """Everything that is different, and that the replay did not do."""
        pairs = [(key, seen, self._after.objects.get(key)) for key, seen in sorted(self._before.objects.items())]
        own = [pair for pair in pairs if pair[1].is_ours and not pair[1].is_ending and self._was_read(pair[0])]
        rest = [pair for pair in own if pair[0][:2] != _PODS]
        lists = {
            "defaulted": [*self._defaulted(rest)],
            "recreated": [self._named(key) for key, one, other in rest if other and one.uid != other.uid],
            "touched": [*self._touched(rest)],
            "lost": [*self._lost(rest, deleted)],
        }
        more = sum(max(0, len(found) - MOST) for found in lists.values())
        return Changes(
            read_back=tuple(self._read_back(own)),
            vanished=tuple(self._vanished()),
            gone_versions=tuple(self._versions(self._before, self._after)),
            new_versions=tuple(self._versions(self._after, self._before)),
            stored_anew=tuple(self._stored_anew()),
            status_only=_by_kind(key for key, one, other in rest if other and _only_status(one, other)),
            of_the_cluster=_by_kind(self._of_the_cluster(pairs)),
            pods=self._pods([pair for pair in own if pair[0][:2] == _PODS], deleted),
            unread=tuple(sorted(_shown(kind) for kind in self._before.unread | self._after.unread)),
            more=more,
            **{name: tuple(found[:MOST]) for name, found in lists.items()},
        )

    def _was_read(self, key: ObjectKey) -> bool:
        """What nobody could read is not gone, and a kind that is not served says nothing of its objects."""
        kind = key[:2]
        return kind in self._after.kinds and kind not in self._after.unread and (kind[0], "") not in self._after.unread

    def _read_back(self, own: Iterable[Pair]) -> Iterator[Group]:
        """Objects that are the same ones, in a version that is served."""
        served = self._after.served
        found: dict[tuple[str, str, str], list[Named]] = {}
        for key, one, other in own:
            if other and other.uid == one.uid and one.written and (one.written, key[1]) not in served:
                found.setdefault((key[1], one.written, other.read), []).append(self._named(key))
        for (kind, written, read), named in found.items():
            yield Group(kind, written, read, len(named), tuple(named[:MOST]))

    def _vanished(self) -> Iterator[Group]:
        for (group, kind), row in sorted(self._before.kinds.items()):
            if (group, kind) in self._after.kinds or (group, "") in self._after.unread:
                continue
            stranded = [key for key in self._before.objects if key[:2] == (group, kind)]
            named = tuple(self._named(key) for key in sorted(stranded)[:MOST])
            yield Group(kind, ", ".join(row.versions), "", len(stranded), named)

    def _versions(self, old: Snapshot, new: Snapshot) -> Iterator[Group]:
        """Versions of `old` that `new` lacks. A kind that is gone in all of them has vanished instead."""
        for key, row in sorted(old.kinds.items()):
            left = new.kinds.get(key)
            if (key[0], "") in new.unread or (left is None and old is self._before):
                continue
            for version in row.versions:
                if left is None or version not in left.versions:
                    objects = sum(
                        key == thing[:2] and one.written == version for thing, one in self._before.objects.items()
                    )
                    yield Group(row.kind, version, left.versions[0] if left else "", objects)

    def _stored_anew(self) -> Iterator[str]:
        for key, row in sorted(self._before.kinds.items()):
            other = self._after.kinds.get(key)
            if other and row.storage and other.storage and row.storage != other.storage:
                yield _shown(key)

    def _defaulted(self, rest: Iterable[Pair]) -> Iterator[Named]:
        for key, one, other in rest:
            if other and one.resource_version == other.resource_version and one.read == other.read:
                fields = _differing(one.spec, other.spec)
                if fields:
                    yield self._named(key, note=", ".join(fields))

    def _touched(self, rest: Iterable[Pair]) -> Iterator[Named]:
        for key, one, other in rest:
            if other is None or other.uid != one.uid or self._is_asked_for(one, other):
                continue
            if by := _writers(one.writers, other.writers):
                is_spec = other.generation != one.generation
                yield self._named(key, by=by, note="spec" if is_spec else "metadata")

    def _is_asked_for(self, one: Seen, other: Seen) -> bool:
        """Whether the replay itself changed the object, or what it follows."""
        if one.writers.get(FIELD_MANAGER) != other.writers.get(FIELD_MANAGER):
            return True
        return bool(one.owner) and one.owner not in self._unchanged

    def _of_the_cluster(self, pairs: Iterable[Pair]) -> Iterator[ObjectKey]:
        """Objects of nobody's replay that were changed, taken away or added; what can't be read is none of them."""
        for key, one, other in pairs:
            if not one.is_ours and self._was_read(key) and _is_changed(one, other):
                yield key
        for key, seen in self._after.objects.items():
            is_known = key in self._before.objects or key[:2] in self._before.unread
            if not (seen.is_ours or is_known) and key[:2] in self._before.kinds:
                yield key

    def _lost(self, rest: Iterable[Pair], deleted: Deleted) -> Iterator[Named]:
        """What the replay wrote itself is gone, and it was not the replay."""
        for key, one, other in rest:
            if other is None and one.written and not deleted(key):
                yield self._named(key)

    def _pods(self, pods: Iterable[Pair], deleted: Deleted) -> Pods:
        before = same = 0
        found: dict[str, list[Named]] = {"moved": [], "restarted": [], "replaced": []}
        for key, one, other in pods:
            before += 1
            word, note = self._fate(key, one, other, deleted)
            if word:
                found[word].append(self._named(key, note=note))
            else:
                same += other is not None
        return Pods(before, same, **{word: tuple(named[:MOST]) for word, named in found.items()})

    def _fate(self, key: ObjectKey, one: Seen, other: Seen | None, deleted: Deleted) -> tuple[str, str]:
        """`moved`, `restarted` or `replaced`, and how; nothing for a pod that is as it was, or had its day."""
        if one.pod is None or one.pod.phase in _FINISHED:
            return "", ""
        if other is None or other.pod is None:
            is_kept = one.owner in self._unchanged and not deleted(key)
            return ("replaced", "its owner is the same, it is gone") if is_kept else ("", "")
        if one.pod.node and other.pod.node != one.pod.node:
            return "moved", f"{one.pod.node} -> {other.pod.node or 'nowhere'}"
        if other.uid != one.uid:
            return "restarted", "another pod of the same name"
        if other.pod.restarts > one.pod.restarts:
            return "restarted", f"{other.pod.restarts - one.pod.restarts} more restarts"
        return "", ""

    def _named(self, key: ObjectKey, by: tuple[str, ...] = (), note: str = "") -> Named:
        group, kind, namespace, name = key
        return Named(kind, name, self._ours.original(namespace) if namespace else "", group, by, note)


def _writers(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """Who wrote in between, the replay left out."""
    return tuple(sorted(who for who, time in after.items() if who != FIELD_MANAGER and before.get(who) != time))


def _only_status(one: Seen, other: Seen) -> bool:
    return not _writers(one.writers, other.writers) and bool(_writers(one.status_writers, other.status_writers))


def _is_changed(one: Seen, other: Seen | None) -> bool:
    """Whether an object of the cluster itself is another than before; its status may change all the time."""
    return other is None or other.uid != one.uid or bool(_writers(one.writers, other.writers))


def _by_kind(keys: Iterable[ObjectKey]) -> dict[str, int]:
    return dict(sorted(Counter(_shown(key[:2]) for key in keys).items()))


def _shown(kind: KindKey) -> str:
    group, name = kind
    return f"{name}.{group}".strip(".") if group else name


def _differing(one: bytes, other: bytes) -> tuple[str, ...]:
    """The fields, two steps deep, that are not the same: `spec.suspend`."""
    if one == other:
        return ()
    before, after = msgspec.json.decode(one), msgspec.json.decode(other)
    found = []
    for top in sorted({*before, *after}):
        left, right = before.get(top), after.get(top)
        if left == right:
            continue
        if isinstance(left, dict) and isinstance(right, dict):
            found += [f"{top}.{key}" for key in sorted({*left, *right}) if left.get(key) != right.get(key)]
        else:
            found.append(top)
    return tuple(found)
