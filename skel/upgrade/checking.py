"""What of a trace, or of manifests, the target does not serve or treats differently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from skel.compiler.header import Header
from skel.engine.events import Progress
from skel.engine.survey import Survey, survey
from skel.findings.model import Finding, Findings, NotChecked, Scanned
from skel.kube.gvk import group_of
from skel.kube.release import data_info, is_builtin_group
from skel.packs.manifest import Pack
from skel.trace.codec import without_gc
from skel.trace.latest import latest
from skel.trace.model import Trace
from skel.upgrade.finding import of_match, of_writer, with_writers
from skel.upgrade.packs import upgrade_packs
from skel.upgrade.places import Locate, failed, in_events
from skel.upgrade.route import KUBERNETES, Route, routes
from skel.upgrade.selection import REMOVAL, Rules, choose, compile_rules
from skel.upgrade.unserved import unserved
from skel.upgrade.writers import old_writers


@dataclass(frozen=True, slots=True)
class Upgrade:
    """Everything that is decided before any object is seen: the way of each component, and the rules for it."""

    routes: Mapping[str, Route]
    packs: tuple[Pack, ...]
    rules: Rules

    @property
    def kubernetes(self) -> Route:
        return self.routes[KUBERNETES]


def prepare(
    source: str | None = None,
    target: str | None = None,
    *,
    components: Mapping[str, tuple[str | None, str]] | None = None,
    packs: Sequence[Pack] | None = None,
) -> Upgrade:
    """Choose and compile the rules. `target` is the newest known release if None; `components` gives source (or None)
    and target of add-ons.

    Raises UnknownRelease and BadRoute, and SkelError if a pack does not compile.
    """
    ways = routes(source, target, components)
    chosen_packs = tuple(packs) if packs is not None else upgrade_packs()
    return Upgrade(ways, chosen_packs, compile_rules(choose(chosen_packs, ways), ways))


def check(
    trace: Trace,
    *,
    source: str | None = None,
    target: str | None = None,
    components: Mapping[str, tuple[str | None, str]] | None = None,
    packs: Sequence[Pack] | None = None,
) -> Findings:
    """Check a trace for an upgrade from `source` (anything, if None) to `target` (the newest known release, if None).

    >>> findings = skel.upgrade.check(trace, source="1.24", target="1.25")

    Raises UnknownRelease and BadRoute (both are ValueError), and SkelError if a pack does not compile.
    """
    return check_trace(prepare(source, target, components=components, packs=packs), trace)


def check_trace(
    upgrade: Upgrade,
    trace: Trace,
    *,
    locate: Locate | None = None,
    every: bool = False,
    progress: Progress | None = None,
) -> Findings:
    """Check one trace. `every`: an object that occurs twice is two objects, as in a folder of manifests."""
    where = locate or in_events(trace)
    with without_gc():
        seen = survey(upgrade.rules.program.compiled, trace, every=every, progress=progress)
        found = matched(upgrade.rules, seen, trace, where, every=every)
        found += _left(upgrade, seen, trace, where, every=every)
        writers, unread = old_writers(trace, upgrade.rules, upgrade.kubernetes.target, where)
    return Findings(
        findings=tuple(with_writers(found, [of_writer(old, where) for old in writers])),
        scanned=_scanned(upgrade, seen, trace),
        source=upgrade.kubernetes.source,
        target=upgrade.kubernetes.target,
        data=str(data_info()),
        not_checked=not_checked(upgrade, seen.found),
        problems=(*(failed(failure, where) for failure in seen.failures), *unread),
    )


def nothing_checked(upgrade: Upgrade) -> Findings:
    """What a check of nothing says: which way, by how many rules."""
    way = upgrade.kubernetes
    scanned = Scanned(rules=len(upgrade.rules.by_number))
    return Findings((), scanned=scanned, source=way.source, target=way.target, data=str(data_info()))


def matched(rules: Rules, seen: Survey, trace: Trace, where: Locate, *, every: bool) -> list[Finding]:
    """A finding for each match; in a trace, stale where the newest state of the object does not bear it out."""
    wanted = {(thing.kind, thing.namespace, thing.name) for match in seen.matches if (thing := match.object).name}
    newest = {} if every else latest(trace, wanted)
    return [of_match(rules.by_number[match.rule], match, where, newest) for match in seen.matches]


def _left(upgrade: Upgrade, seen: Survey, trace: Trace, where: Locate, *, every: bool) -> list[Finding]:
    """What the target does not serve and no rule of a pack has spoken about."""
    spoken = {
        (match.object.api_version, match.object.kind)
        for match in seen.matches
        if upgrade.rules.by_number[match.rule].rule.category == REMOVAL
    }
    chosen = unserved((header for header in seen.left if header not in spoken), upgrade.kubernetes.target)
    if not chosen:
        return []
    rules = compile_rules(chosen, upgrade.routes)
    return matched(rules, survey(rules.program.compiled, trace, every=every), trace, where, every=every)


def _scanned(upgrade: Upgrade, seen: Survey, trace: Trace) -> Scanned:
    return Scanned(
        inputs=(trace.name,),
        files=1,
        objects=sum(seen.found.values()),
        events=len(trace.events),
        rules=len(upgrade.rules.by_number),
    )


def not_checked(upgrade: Upgrade, found: Mapping[Header, int]) -> tuple[NotChecked, ...]:
    """Kinds that neither Kubernetes nor an active pack knows, with the way to have them checked if there is one."""
    result: list[NotChecked] = []
    for (api_version, kind), count in sorted(found.items(), key=lambda item: tuple(word or "" for word in item[0])):
        if not api_version or not kind:
            result.append(NotChecked("objects without apiVersion or kind", count, "they are no objects of Kubernetes"))
        elif not is_builtin_group(api_version):
            reason = _reason(upgrade, group_of(api_version))
            if reason:
                result.append(NotChecked(f"{api_version} {kind}", count, reason))
    return tuple(result)


def _reason(upgrade: Upgrade, group: str) -> str:
    """Why objects of a group are not checked, empty if they are."""
    owners = [pack for pack in upgrade.packs if group in pack.groups]
    for pack in owners:
        if pack.component in upgrade.routes:
            return ""
        return f"custom resource: the pack {pack.name} knows it, give --component {pack.component}=VERSION"
    return "custom resource: no pack knows it"


def merge(parts: Iterable[Findings]) -> Findings:
    """One result of several inputs."""
    first, *others = list(parts)
    for other in others:
        first = replace(
            first,
            findings=first.findings + other.findings,
            scanned=_sum(first.scanned, other.scanned),
            not_checked=_joined((*first.not_checked, *other.not_checked)),
            problems=first.problems + other.problems,
        )
    return first


def _sum(one: Scanned, other: Scanned) -> Scanned:
    return Scanned(
        one.inputs + other.inputs,
        one.files + other.files,
        one.objects + other.objects,
        one.events + other.events,
        max(one.rules, other.rules),
    )


def _joined(notes: tuple[NotChecked, ...]) -> tuple[NotChecked, ...]:
    counts: dict[tuple[str, str], int] = {}
    for note in notes:
        key = note.what, note.reason
        counts[key] = counts.get(key, 0) + note.count
    return tuple(NotChecked(what, count, reason) for (what, reason), count in sorted(counts.items()))
