"""The history of manifests in a git repository: each commit is an event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from msgspec import Raw

from skel.manifests.discover import ENDINGS, SKIPPED
from skel.manifests.reading import read_data
from skel.patch.values import Json
from skel.record.imports.change import Change
from skel.record.imports.git_repository import Blobs, Commit, Repository
from skel.record.imports.losses import Losses, Reason
from skel.record.imports.reading import tell
from skel.record.imports.scope import Scopes
from skel.record.imports.snapshot import NAMELESS
from skel.trace.codec import decode_object, encode_object
from skel.trace.identity import Identity, identity_of

MISSING = Reason(
    "file", "its content is not in the repository, which is a partial clone; `git fetch --refetch` brings it"
)
SEVERAL = Reason("object", "stands in several files; the last one by name counts", meant=True)


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a repository is read; `by_author`: the time of a commit is that of its author."""

    branch: str = "HEAD"
    path: str = ""
    since: str | None = None
    namespace: str = "default"
    by_author: bool = False


def git_changes(folder: str, losses: Losses, choice: Choice) -> Iterator[Change]:
    """What each commit applies and deletes, by first parents; times never go back. Raises TraceError."""
    repository = Repository(folder)
    head = repository.head(choice.branch)
    path = choice.path.strip("/").removeprefix("./")
    now = 0
    with repository.blobs() as blobs:
        tree = _Tree(blobs, losses, choice.namespace)
        for commit in repository.commits(head, "" if path == "." else path, choice.since):
            now = max(now, commit.authored if choice.by_author else commit.committed)
            yield from tree.step(commit, now)


@dataclass(slots=True)
class _File:
    """The objects in a file, in their order."""

    objects: dict[Identity, Raw] = field(default_factory=dict)
    is_broken: bool = False


class _Tree:
    """What stands in which file, as of the last commit."""

    def __init__(self, blobs: Blobs, losses: Losses, namespace: str) -> None:
        self._blobs = blobs
        self._losses = losses
        self._namespace = namespace
        self._scopes = Scopes()
        self._files: dict[str, _File] = {}
        self._holders: dict[Identity, set[str]] = {}

    def step(self, commit: Commit, now: int) -> Iterator[Change]:
        """What a commit changed: an object that only moved to another file did not."""
        files = {path: self._read(commit, path, blob) for path, blob in commit.files.items() if _is_manifest(path)}
        touched = [identity for path, file in files.items() for identity in self._of(path, file)]
        before = {identity: self._object(identity) for identity in touched}
        for path, file in files.items():
            self._put(path, file)
        self._tell_of_several(commit, before)
        for identity, old in before.items():
            new = self._object(identity)
            if new is not None and new != old:
                yield Change(now, decode_object(new))
            elif new is None and old is not None:
                yield Change(now, decode_object(old), gone=True)

    def _read(self, commit: Commit, path: str, blob: str | None) -> _File:
        if blob is None:
            return _File()
        name = f"{commit.id[:12]}:{path}"
        data = self._blobs.read(blob)
        if data is None:
            self._losses.add(MISSING, name)
            return _File(is_broken=True)
        read = read_data(data, name)
        tell(read, self._losses)
        things = [decode_object(Raw(raw)) for raw in read.objects]
        for thing in things:
            self._scopes.learn(thing)
        file = _File(is_broken=any(problem.is_error for problem in read.problems))
        for thing, document in zip(things, read.documents, strict=True):
            self._take(file, thing, str(document))
        return file

    def _take(self, file: _File, thing: dict[str, Json], place: str) -> None:
        placed = self._scopes.placed(thing, self._namespace)
        identity = identity_of(placed)
        if identity is None:
            self._losses.add(NAMELESS, place)
            return
        file.objects[identity] = encode_object(placed, place)

    def _tell_of_several(self, commit: Commit, touched: Iterable[Identity]) -> None:
        for identity in touched:
            paths = sorted(self._holders.get(identity, ()))
            if len({bytes(self._files[path].objects[identity]) for path in paths}) > 1:
                self._losses.add(SEVERAL, f"{commit.id[:12]}:{paths[0]}")

    def _of(self, path: str, file: _File) -> Iterator[Identity]:
        """The objects that stand or stood in a file."""
        yield from file.objects
        if path in self._files:
            yield from self._files[path].objects

    def _put(self, path: str, file: _File) -> None:
        old = self._files.pop(path, None)
        if old is not None and file.is_broken:
            # What can't be read any more is not deleted: it is still meant to be there.
            file.objects = {**old.objects, **file.objects}
        for identity in old.objects if old is not None else ():
            self._holders[identity].discard(path)
            if not self._holders[identity]:
                del self._holders[identity]
        for identity in file.objects:
            self._holders.setdefault(identity, set()).add(path)
        if file.objects:
            self._files[path] = file

    def _object(self, identity: Identity) -> Raw | None:
        paths = self._holders.get(identity)
        return self._files[max(paths)].objects[identity] if paths else None


def _is_manifest(path: str) -> bool:
    parts = PurePosixPath(path).parts
    is_hidden = any(part.startswith(".") or part in SKIPPED for part in parts)
    return path.endswith(ENDINGS) and not is_hidden
