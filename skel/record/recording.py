"""Objects as they come -> what is recorded of them, by the recorder's rule. Nothing here knows where they come from.

The rule: an object is recorded when the hash of its `spec` is another one than before; of an object without a spec it
is the hash of all but its metadata and status. On demand, each change of what is recorded counts. What a tracked object
owns is not recorded: a replay makes it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec
from msgspec import Raw

from skel.kube.gvk import gvk, split_gvk
from skel.patch.values import Json
from skel.record.entries import RUNNING, Applied, Deleted, Entry, Lived, Moment, Place, Sink
from skel.record.families import Families, owners_of
from skel.record.noise import Noise, is_of_every_cluster
from skel.record.pods import Life, span
from skel.record.tracked import Tracked
from skel.trace.identity import identity
from skel.trace.index import spec_hash
from skel.trace.pod_hash import pod_spec_hash

_POD = gvk("v1", "Pod")
# Sorted keys, as the reference writes them.
_encode = msgspec.msgpack.Encoder(order="sorted").encode


@dataclass(slots=True)
class Known:
    """What is remembered of an object that is there: not the object."""

    content: int
    uid: str


@dataclass(slots=True)
class Counts:
    """`seen` objects, of which became `applied` and `deleted` events; `lived`: lifetimes that were begun."""

    seen: int = 0
    applied: int = 0
    deleted: int = 0
    lived: int = 0
    late: int = 0
    """Came with a time before that of an earlier one, and got the later time."""

    @property
    def events(self) -> int:
        return self.applied + self.deleted


class Recording:
    """Decides what is recorded. Its size grows with the objects that are there, not with time.

    Times are in Unix seconds and never go back: what says that it was earlier counts as simultaneous.
    """

    def __init__(self, tracked: Tracked, sink: Sink, *, every_change: bool = False, noise: Noise | None = None) -> None:
        self.tracked = tracked
        self.families = Families()
        self.counts = Counts()
        self._sink = sink
        self._every_change = every_change
        self._noise = noise or Noise()
        self._known: dict[str, dict[str, Known]] = {}
        self._pods: dict[str, Life] = {}
        self._now = 0

    @property
    def now(self) -> int:
        """The time of the last entry."""
        return self._now

    def objects(self) -> int:
        """How many tracked objects there are."""
        return sum(map(len, self._known.values()))

    def pods(self) -> int:
        """How many pods are there whose lifetimes are kept."""
        return len(self._pods)

    def advance(self, at: int) -> None:
        """Nothing that comes now was earlier than this."""
        self._now = max(self._now, at)

    def applied(self, at: int, thing: Mapping[str, Json], *, kind: str = "") -> bool:
        """An object is there, in this state. True if it was recorded.

        `kind` is its gvk where it does not say it itself.
        """
        named = self._named(thing, kind)
        if named is None:
            return False
        kind, name = named
        self.counts.seen += 1
        self.families.note(thing)
        uid = _uid(thing)
        before = self._of(kind).get(name)
        if before is None and self._is_skipped(kind, name, thing):
            return False
        api_version, word = split_gvk(kind)
        clean = self._noise.without(api_version, word, thing)
        hash_ = spec_hash(clean.get("spec"))
        content = self._content(clean, hash_)
        if before is not None and before.uid != uid and before.uid and uid:
            # Another object of that name; nobody saw the first one go.
            self._put_deleted(at, kind, name, _nameplate(api_version, word, name))
            before = None
        if before is not None and before.content == content:
            return False
        self._of(kind)[name] = Known(content, uid)
        self.counts.applied += 1
        self._put(Applied(self._time(at), kind, name, uid, hash_, content, Raw(_encode(clean))))
        return True

    def deleted(self, at: int, thing: Mapping[str, Json], *, kind: str = "") -> bool:
        """An object went; `thing` is as it was at last. True if it had been recorded."""
        named = self._named(thing, kind)
        if named is None or self._of(named[0]).pop(named[1], None) is None:
            return False
        api_version, word = split_gvk(named[0])
        self._put_deleted(at, *named, self._noise.without(api_version, word, thing))
        return True

    def missing(self, at: int, kind: str, there: Iterable[str], namespace: str = "") -> int:
        """All that is there of a kind, by `namespace/name`: what else was recorded went unseen. How many did.

        `namespace`: only what is in it was looked for, or it itself.
        """
        api_version, word = split_gvk(kind)
        within = f"{namespace}/" if namespace else ""
        absent = self._of(kind).keys() - set(there)
        gone = [name for name in absent if name.startswith(within) or name == namespace]
        for name in sorted(gone):
            del self._of(kind)[name]
            self._put_deleted(at, kind, name, _nameplate(api_version, word, name))
        return len(gone)

    def pod(self, at: int, pod: Mapping[str, Json], *, gone: bool = False) -> bool:
        """A pod, tracked or not: its life is kept with the nearest owner for whom that is asked. True if it changed."""
        key = _pod_key(pod)
        life = self._pods.get(key)
        if life is None:
            life = self._new_life(at, pod)
            if life is None:
                return False
            self.counts.lived += 1
            is_news = True
        else:
            is_news = self._age(life, at, pod)
        if gone:
            return self._bury(at, key, life)
        self._pods[key] = life
        if is_news:
            self._put_life(at, key, life)
        return is_news

    def missing_pods(self, at: int, there: Iterable[str], namespace: str = "") -> int:
        """The keys of all pods that are there (`pod_key`): the others have ended. How many did."""
        gone = self._pods.keys() - set(there)
        if namespace:
            gone = {key for key in gone if self._pods[key].owner.startswith(f"{namespace}/")}
        for key in sorted(gone):
            self._bury(at, key, self._pods[key])
        return len(gone)

    def moment(self, at: int) -> None:
        """Say that somebody was looking until then: the first and the last event of a trace are empty ones."""
        self._put(Moment(self._time(at)))

    def place(self, feed: str, version: str) -> None:
        """Say where the watch of a feed stands; empty if nobody knows."""
        self._put(Place(feed, version))

    def recall(self, entry: Entry) -> None:
        """Take in what a former run has recorded."""
        match entry:
            case Applied():
                self._now = max(self._now, entry.at)
                self._of(entry.kind)[entry.name] = Known(entry.content, entry.uid)
            case Deleted():
                self._now = max(self._now, entry.at)
                self._of(entry.kind).pop(entry.name, None)
            case Lived():
                self._now = max(self._now, entry.at)
                self._pods[entry.pod] = Life(entry.kind, entry.owner, entry.spec, entry.start, entry.end)
                if entry.gone:
                    del self._pods[entry.pod]
            case Moment():
                self._now = max(self._now, entry.at)
            case Place():
                pass

    def _named(self, thing: Mapping[str, Json], kind: str) -> tuple[str, str] | None:
        """Gvk and `namespace/name` of an object that is tracked."""
        metadata = thing.get("metadata")
        if not isinstance(metadata, dict):
            return None
        api_version, word = split_gvk(kind) if kind else (thing.get("apiVersion"), thing.get("kind"))
        found = identity(api_version, word, metadata.get("namespace"), metadata.get("name"))
        return found if found is not None and self.tracked.get(found[0]) is not None else None

    def _of(self, kind: str) -> dict[str, Known]:
        return self._known.setdefault(kind, {})

    def _content(self, clean: Mapping[str, Json], spec: int) -> int:
        """The hash by which a change is seen."""
        if self._every_change:
            return spec_hash({**clean, "metadata": {**clean["metadata"], "managedFields": None}})
        if clean.get("spec") is not None:
            return spec
        return spec_hash({key: value for key, value in clean.items() if key not in {"metadata", "status"}})

    def _is_skipped(self, kind: str, name: str, thing: Mapping[str, Json]) -> bool:
        namespace, _, own = name.rpartition("/")
        if is_of_every_cluster(*split_gvk(kind), namespace, own):
            return True
        entry = self.tracked.get(kind)
        assert entry is not None
        if entry.skip_owned and owners_of(thing):
            return True
        return any(self._is_recorded(owner.gvk, f"{namespace}/{owner.name}") for owner in self.families.chain(thing))

    def _is_recorded(self, kind: str, name: str) -> bool:
        """Whether an owner is tracked: by its kind; in an open set, if it was seen or is of a kind that makes pods."""
        entry = self.tracked.owner(kind)
        if entry is None:
            return False
        return not self.tracked.is_open or bool(entry.templates) or name in self._of(kind)

    def _put_deleted(self, at: int, kind: str, name: str, thing: Json) -> None:
        self.counts.deleted += 1
        self._put(Deleted(self._time(at), kind, name, Raw(_encode(thing))))

    def _new_life(self, at: int, pod: Mapping[str, Json]) -> Life | None:
        """A life to keep: of a pod that has begun, and of whose owners one asks for it."""
        spec, lived = pod.get("spec"), span(pod, at)
        owner = self._keeper(pod) if lived is not None else None
        if lived is None or owner is None or not isinstance(spec, dict):
            return None
        return Life(*owner, pod_spec_hash(spec), *lived)

    def _keeper(self, pod: Mapping[str, Json]) -> tuple[str, str] | None:
        """Whose lifetimes get this pod's: the gvk under which it is tracked, and its name."""
        metadata = pod.get("metadata")
        if not isinstance(metadata, dict) or not metadata.get("name"):
            return None
        namespace = metadata.get("namespace") or "default"
        if not owners_of(pod):
            own = self.tracked.get(_POD)
            return (_POD, f"{namespace}/{metadata['name']}") if own is not None and own.lifecycle else None
        for owner in self.families.chain(pod):
            entry, name = self.tracked.owner(owner.gvk), f"{namespace}/{owner.name}"
            # An owner that is owned itself is recorded only if it is known to be; another one may be seen in a moment.
            if entry is None or not entry.lifecycle:
                continue
            if name in self._of(entry.gvk) or not self.families.is_owned(owner.uid):
                return entry.gvk, name
        return None

    def _age(self, life: Life, at: int, pod: Mapping[str, Json]) -> bool:
        """Bring a life up to date. The earliest start stays: containers are begun again; and so does an end."""
        lived = span(pod, at)
        if lived is None or life.end != RUNNING or lived[1] == RUNNING:
            return False
        life.end = max(life.start, lived[1])
        return True

    def _bury(self, at: int, key: str, life: Life) -> bool:
        self._pods.pop(key, None)
        if life.end == RUNNING:
            life.end = max(life.start, at)
        self._put_life(at, key, life, gone=True)
        return True

    def _put_life(self, at: int, key: str, life: Life, *, gone: bool = False) -> None:
        at = self._time(at)
        self._put(Lived(at, key, life.kind, life.owner, life.spec, life.start, life.end, gone))

    def _time(self, at: int) -> int:
        if at < self._now:
            self.counts.late += 1
        self._now = max(self._now, at)
        return self._now

    def _put(self, entry: Entry) -> None:
        self._sink.put(entry)


def pod_key(pod: Mapping[str, Json]) -> str:
    """By what a pod is remembered: its uid, or its name where it has none."""
    return _pod_key(pod)


def _pod_key(pod: Mapping[str, Json]) -> str:
    metadata = pod.get("metadata")
    names = metadata if isinstance(metadata, dict) else {}
    return str(names.get("uid") or f"{names.get('namespace') or 'default'}/{names.get('name') or ''}")


def _uid(thing: Mapping[str, Json]) -> str:
    metadata = thing.get("metadata")
    return str(metadata.get("uid") or "") if isinstance(metadata, dict) else ""


def _nameplate(api_version: str, kind: str, name: str) -> dict[str, Json]:
    """All that is known of an object that nobody saw go."""
    namespace, _, own = name.rpartition("/")
    metadata = {"name": own, "namespace": namespace} if namespace else {"name": own}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}
