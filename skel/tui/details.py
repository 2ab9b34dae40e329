"""What the panes say of an object: manifest, diff, history, lifetimes, findings. Lines of text, with the colours of a
terminal or without; nothing here knows a screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap

from msgspec import Raw

from skel.findings.model import Finding
from skel.findings.redact import redacted_manifest
from skel.findings.severity import Severity
from skel.patch.values import Json
from skel.report.diff import manifest_diff, manifest_lines
from skel.report.moment import moment
from skel.report.terminal import Paint, printable
from skel.report.traces.words import after, length, plural
from skel.trace.codec import decode_object, encode_object
from skel.trace.model import Trace
from skel.tui.rows import NOWHERE, Row, Sign, Who, raw_of

SIGN_COLOURS = {Sign.CAME: "green", Sign.CHANGED: "yellow", Sign.WENT: "red"}
_VERBS = {Sign.CAME: "applied, new", Sign.CHANGED: "applied", Sign.WENT: "deleted"}
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def open_to_all(raw: Raw) -> Raw:
    """The object without what looks like a secret."""
    return encode_object(redacted_manifest(decode_object(raw)))


def manifest(trace: Trace, row: Row) -> list[str]:
    """The object as YAML."""
    return manifest_lines(open_to_all(raw_of(trace, row)))


def diff(trace: Trace, rows: Sequence[Row], number: int, paint: Paint) -> list[str]:
    """What this event changed in the object."""
    row = rows[number]
    new = raw_of(trace, row)
    if row.previous == NOWHERE or rows[row.previous].sign is Sign.WENT:
        return [paint("  the object is new; this is all of it", "dim"), *_added(new, paint)]
    if row.sign is Sign.WENT:
        return [paint("  the object is deleted here; its last version:", "dim"), *_indented(manifest(trace, row))]
    old = raw_of(trace, rows[row.previous])
    lines = list(manifest_diff(open_to_all(old), open_to_all(new), paint))
    if lines:
        return lines
    return ["  a secret is different" if bytes(old) != bytes(new) else "  no difference to the version before"]


def _added(raw: Raw, paint: Paint) -> Iterator[str]:
    return (line for line in manifest_diff(None, open_to_all(raw), paint) if "@@ " not in line)


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def versions(rows: Sequence[Row], number: int, start: int, paint: Paint, *, latest: Mapping[Who, int]) -> list[str]:
    """All versions of the object, this one marked; `latest` leads to the last row of each."""
    lines = []
    at = latest[rows[number].who]
    while at != NOWHERE:
        row = rows[at]
        mark = "▸" if at == number else " "
        when = f"{after(row.time - start):>9}  {moment(row.time)}  event {row.event}"
        lines.append(f"{mark} {paint(f'{row.sign} {_VERBS[row.sign]:<12}', SIGN_COLOURS[row.sign])} {when}")
        at = row.previous
    lines.reverse()
    return [paint(plural(len(lines), "version"), "bold"), *lines]


def lifetimes(trace: Trace, who: Who) -> list[str]:
    """How long the pods of this owner ran, by the hash of their spec."""
    kind, namespace, name = who
    place = f"{namespace}/{name}" if namespace else name
    lines: list[str] = []
    for (owner, where), by_hash in trace.pod_lifecycles.items():
        if where == place and owner.rpartition(".")[2] == kind:
            for number, records in by_hash.items():
                lines.append(f"pods of spec {number:016x}: {len(records):,}")
                lines += (f"  {_lifetime(record, trace.start)}" for record in records)
    return lines or ["no lifetimes of pods are recorded for this object"]


def _lifetime(record: Json, start: int) -> str:
    match record:
        case {"Finished": [int(began), int(ended)]}:
            return f"{after(began - start):>9}  ran {length(ended - began)}, to {after(ended - start)}"
        case {"Running": int(began)}:
            return f"{after(began - start):>9}  still ran at the end"
        case _:
            return f"{'':>9}  came, and nothing else is known"


def findings(found: Sequence[Finding], paint: Paint, width: int) -> list[str]:
    """What a check says of the object, in lines of that width."""
    if not found:
        return ["the check has nothing to say of this object"]
    lines: list[str] = []
    for finding in found:
        severity = paint(finding.severity.value, _COLOURS[finding.severity], "bold")
        message = wrapped(f"{finding.severity.value} {finding.code} {finding.message}", width)
        lines += [message[0].replace(finding.severity.value, severity, 1), *message[1:]]
        lines.append(f"  {paint(printable(finding.rule), 'cyan')}  {printable(finding.hop)}".rstrip())
        texts = [finding.help, *(evidence.detail for evidence in finding.evidence)]
        if finding.fix is not None:
            texts.append(f"fix: {finding.fix.title} ({finding.fix.safety.value})")
        for text in filter(None, texts):
            lines += wrapped(text, width, "  ")
        lines.append("")
    return lines[:-1]


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Lines of prose; a word that does not fit stays whole."""
    room = max(20, width)
    return wrap(
        printable(text), room, initial_indent=indent, subsequent_indent=indent or "  ", break_long_words=False
    ) or [""]
