"""Objects that are served, and yet somebody writes them in a version that the target does not serve.

The API server shows an object in the version that it is asked for. What its writers use is in `managedFields` and in
the annotation of `kubectl apply`: the next write in the old version fails on the target.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from skel.engine.survey import survey
from skel.findings.model import Evidence, Problem
from skel.kube.release import life, lookup
from skel.patch.values import Json
from skel.trace.codec import Event, encode_object
from skel.trace.marked import Marked, marked
from skel.trace.model import Trace
from skel.trace.reference import ObjectReference
from skel.upgrade.evidence import CLIENT_SIDE_APPLY, LAST_APPLIED, Writer, Written, applied_at, helm, written
from skel.upgrade.helm import SIGN as HELM_SIGN
from skel.upgrade.helm import HelmObject, helm_objects
from skel.upgrade.places import Locate
from skel.upgrade.selection import REMOVAL, Chosen, Rules


@dataclass(frozen=True, slots=True)
class OldWriter:
    """The rule that holds for what somebody writes, the object as it is now, and the evidence."""

    chosen: Chosen
    object: ObjectReference
    api_version: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class _Suspect:
    """The object as an old writer has it."""

    object: ObjectReference
    manifest: dict[str, Json]
    evidence: tuple[Evidence, ...]


def old_writers(trace: Trace, rules: Rules, target: str, where: Locate) -> tuple[list[OldWriter], list[Problem]]:
    """Each object once a rule, in its newest state, and the Helm releases that could not be read."""
    managed, applied, secrets = marked(trace, (b"managedFields", LAST_APPLIED.encode(), HELM_SIGN))
    releases, problems = helm_objects(secrets, where)
    suspects = [suspect for seen in _newest([*managed, *applied]) for suspect in _suspects(*seen, target)]
    suspects += [suspect for item in releases for suspect in _sent_by_helm(item, target)]
    return list(_confirmed(suspects, rules)) if suspects else [], problems


def _confirmed(suspects: list[_Suspect], rules: Rules) -> Iterator[OldWriter]:
    """The rules are run on what the writers sent."""
    objects = [encode_object(suspect.manifest) for suspect in suspects]
    pretended = Trace.make([Event(0, objects, [])], {}, {}, {})
    for match in survey(rules.program.compiled, pretended, every=True).matches:
        chosen, suspect = rules.by_number[match.rule], suspects[match.object.position]
        if chosen.rule.category == REMOVAL:
            yield OldWriter(chosen, suspect.object, match.object.api_version, suspect.evidence)


def _newest(objects: Iterable[Marked]) -> Iterator[tuple[Marked, Written]]:
    """The newest state of each object of which writers are known."""
    newest: dict[tuple[str, str, str], tuple[Marked, Written]] = {}
    for item in objects:
        seen = written(item.raw)
        if seen is None:
            continue
        who = (seen.kind, seen.metadata.namespace or "", seen.metadata.name)
        known = newest.setdefault(who, (item, seen))
        if (item.event, item.position) > (known[0].event, known[0].position):
            newest[who] = item, seen
    yield from newest.values()


def _suspects(newest: Marked, seen: Written, target: str) -> Iterator[_Suspect]:
    if lookup(seen.apiVersion, seen.kind, target) is None:
        return  # the object itself is found already
    for writer in seen.writers:
        if _is_lost(writer.apiVersion, seen.kind, target):
            old = {**newest.manifest(), "apiVersion": writer.apiVersion}
            yield _Suspect(newest.reference(), old, (_managed(writer, seen, target), *helm(seen)))
    applied = seen.last_applied
    version, kind = (applied.get("apiVersion"), applied.get("kind")) if applied is not None else (None, None)
    if applied is not None and isinstance(version, str) and isinstance(kind, str) and _is_lost(version, kind, target):
        yield _Suspect(newest.reference(), applied, (_applied(version, seen, target), *helm(seen)))


def _sent_by_helm(item: HelmObject, target: str) -> Iterator[_Suspect]:
    version, kind = str(item.manifest.get("apiVersion")), str(item.manifest.get("kind"))
    if _is_lost(version, kind, target):
        at = item.secret
        thing = ObjectReference.of(item.manifest, at.event, at.timestamp, at.position, deleted=False)
        yield _Suspect(replace(thing, namespace=thing.namespace or item.namespace), item.manifest, (item.evidence,))


def _is_lost(api_version: str, kind: str, target: str) -> bool:
    return lookup(api_version, kind, target) is None and life(api_version, kind) is not None


def _managed(writer: Writer, seen: Written, target: str) -> Evidence:
    name = writer.manager or "somebody"
    return Evidence(
        "managed-fields",
        f"{name} wrote it as {writer.apiVersion}",
        writer.moment,
        writer.manager,
        stale=_is_outdated(writer.moment, seen, target, but=""),
        clear=f"it goes when {name} writes the object in the new version",
    )


def _applied(version: str, seen: Written, target: str) -> Evidence:
    moment = applied_at(seen)
    return Evidence(
        "last-applied",
        f"the manifest given to `kubectl apply` last is of {version}",
        moment,
        CLIENT_SIDE_APPLY,
        stale=_is_outdated(moment, seen, target, but=CLIENT_SIDE_APPLY),
        clear="apply the manifest in the new version, or take the annotation away: "
        f"kubectl annotate {seen.kind.lower()} {seen.metadata.name} {LAST_APPLIED}-",
    )


def _is_outdated(moment: float | None, seen: Written, target: str, *, but: str) -> bool:
    """Whether somebody wrote the object later, in a version that the target serves."""
    return moment is not None and any(
        later > moment and writer.manager != but and lookup(writer.apiVersion, seen.kind, target) is not None
        for writer in seen.writers
        if (later := writer.moment) is not None
    )
