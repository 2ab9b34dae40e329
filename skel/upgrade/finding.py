"""From a rule that matched to a finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from skel.engine.survey import Match
from skel.findings.model import Evidence, Finding, Fix, FoundObject
from skel.findings.severity import Severity
from skel.patch.operations import Move, Operation
from skel.patch.pointer import Pointer, format_pointer
from skel.trace.codec import decode_object
from skel.trace.latest import Latest, Who
from skel.upgrade.evidence import evidence_of
from skel.upgrade.places import Locate
from skel.upgrade.route import KUBERNETES
from skel.upgrade.selection import REMOVAL, Chosen, Stage
from skel.upgrade.writers import OldWriter

DEPRECATION = "deprecation"


def of_match(chosen: Chosen, match: Match, locate: Locate, newest: Mapping[Who, Latest]) -> Finding:
    """What a rule has to say of an object."""
    rule, thing = chosen.rule, match.object
    own = _own_evidence(chosen, match, newest)
    evidence = (own, *(replace(other, stale=own.stale) for other in evidence_of(match.before)))
    pointer = _place(match.operations[0]) if match.operations else ()
    fix = Fix(_fix_title(match.operations), rule.safety, match.operations) if match.operations else None
    return Finding(
        code=rule.code,
        rule=chosen.name,
        severity=_severity(chosen, is_stale=own.stale),
        message=_message(chosen, match.messages),
        location=locate(thing, pointer),
        object=FoundObject(thing.api_version, thing.kind, thing.namespace, thing.name),
        title=rule.title,
        hop=_hop(chosen),
        category=rule.category if chosen.stage is Stage.DUE else DEPRECATION,
        help=" ".join(rule.why.split()),
        url=rule.url,
        evidence=evidence,
        fix=fix,
        times=match.times,
        labels=_labels(match),
    )


def of_writer(old: OldWriter, locate: Locate) -> Finding:
    """An object that is as it should be, and that somebody still writes as it was."""
    rule, thing = old.chosen.rule, old.object
    return Finding(
        code=rule.code,
        rule=old.chosen.name,
        severity=Severity.INFO if old.evidence[0].stale else Severity.WARNING,
        message=f"{old.evidence[0].detail}, which {rule.since} does not serve; the object itself is fine",
        location=locate(thing, ("metadata",)),
        object=FoundObject(thing.api_version, thing.kind, thing.namespace, thing.name),
        title=rule.title,
        hop=_hop(old.chosen),
        category=rule.category,
        url=rule.url,
        evidence=old.evidence,
    )


def with_writers(found: list[Finding], written: list[Finding]) -> list[Finding]:
    """What writers say of an object that is found already is further evidence; the rest are findings of their own."""
    places = {(finding.rule, _who(finding)): number for number, finding in enumerate(found)}
    result = list(found)
    for finding in written:
        number = places.setdefault((finding.rule, _who(finding)), len(result))
        if number == len(result):
            result.append(finding)
        else:
            known = result[number]
            severity = min(known.severity, finding.severity, key=tuple(Severity).index)
            result[number] = replace(known, severity=severity, evidence=(*known.evidence, *finding.evidence))
    return result


def _who(finding: Finding) -> tuple[str, str, str]:
    thing = finding.object
    return (thing.kind, thing.namespace, thing.name) if thing else ("", "", "")


def _hop(chosen: Chosen) -> str:
    """The release in which it begins to matter; of an add-on with its name."""
    since, component = chosen.rule.since, chosen.pack.component
    return since if component in {KUBERNETES, ""} or not since else f"{component} {since}"


def _severity(chosen: Chosen, *, is_stale: bool) -> Severity:
    if is_stale:
        return Severity.INFO
    if chosen.stage is Stage.ANNOUNCED and chosen.rule.severity is Severity.ERROR:
        return Severity.WARNING
    return chosen.rule.severity


def _message(chosen: Chosen, said: tuple[str, ...]) -> str:
    rule = chosen.rule
    text = "; ".join(said) or rule.title
    if chosen.stage is Stage.DUE:
        return text
    since = f"deprecated since {rule.deprecated}"
    return f"{text}: from {rule.since} on, {since}" if rule.since else f"{text}: {since}"


def _own_evidence(chosen: Chosen, match: Match, newest: Mapping[Who, Latest]) -> Evidence:
    thing = match.object
    time = float(thing.timestamp) or None
    detail = f"it is {thing.api_version}" if chosen.rule.category == REMOVAL else "as it stands"
    last = newest.get((thing.kind, thing.namespace, thing.name))
    if last is None:
        return Evidence("object", detail, time)
    if last.event > thing.event:
        later = f"{detail}, but event {last.event} shows it as {last.api_version} and the rule has nothing to say there"
        return Evidence("object", later, time, stale=True, clear="only the older events of the trace are concerned")
    if last.deleted is not None:
        detail += f"; it is deleted in event {last.deleted}"
    return Evidence("object", detail, time)


def _place(operation: Operation) -> Pointer:
    """The field that is there before: what moves stands at its source."""
    return operation.source if isinstance(operation, Move) else operation.path


def _fix_title(operations: tuple[Operation, ...]) -> str:
    first = operations[0]
    word = type(first).__name__.lower()
    if isinstance(first, Move):
        word = f"move {format_pointer(first.source)} to"
    rest = f" and {len(operations) - 1} more" if len(operations) > 1 else ""
    value = getattr(first, "value", None)
    shown = f" with {value}" if word == "replace" and isinstance(value, str | int | float) else ""
    return f"{word} {format_pointer(first.path) or 'the object'}{shown}{rest}"


def _labels(match: Match) -> tuple[tuple[str, str], ...]:
    metadata = decode_object(match.before).get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    return tuple(sorted((key, str(value)) for key, value in labels.items())) if isinstance(labels, dict) else ()
