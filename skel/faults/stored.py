"""Reports as JSON: to keep, to judge again with other oracles, to shrink."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from skel.faults.errors import FaultError
from skel.faults.model import (
    Event,
    Happening,
    Moment,
    Report,
    Revision,
    Scenario,
    Traffic,
    Verdict,
    Violation,
)
from skel.faults.scenario.emit import emit
from skel.faults.scenario.parse import parse
from skel.language.diagnostic import Severity
from skel.language.text import Source
from skel.patch.values import Json

F = TypeVar("F", Happening, Moment, Violation)
VERSION = 1
_EMBEDDED = re.compile(rb'<script type="application/x-skel-fault-reports">([A-Za-z0-9+/=\s]*)</script>')
MOST_BYTES = 2_000_000_000


def as_json(reports: Sequence[Report]) -> Json:
    """All that is known of some runs."""
    return {"schemaVersion": VERSION, "reports": [report_json(report) for report in reports]}


def report_json(report: Report) -> Json:
    return {
        "scenario": emit(report.scenario),
        "file": report.scenario.file,
        "kubernetes": report.kubernetes,
        "gates": dict(report.gates),
        "verdict": report.verdict.value,
        "legal": report.is_legal,
        "violations": [msgspec.to_builtins(it) for it in report.violations],
        "history": [msgspec.to_builtins(it) for it in report.moments],
        "history_sha256": report.sha256,
        "never_triggered": report.never_triggered,
        "wall": report.wall,
        "clock": report.clock,
        "log": report.log,
        "traffic": {"writes": dict(report.traffic.writes), "watches": dict(report.traffic.watches)},
        "happenings": [msgspec.to_builtins(it) for it in report.happenings],
        "revisions": [{**msgspec.to_builtins(it), "object": without_values(it.object)} for it in report.revisions],
    }


def without_values(value: Json) -> Json:
    """An object without the values of environment variables: reports are handed on, and no oracle needs them."""
    match value:
        case {"env": list(env)}:
            names = [{key: it[key] for key in it if key != "value"} if isinstance(it, dict) else it for it in env]
            return {key: names if key == "env" else without_values(item) for key, item in value.items()}
        case dict():
            return {key: without_values(item) for key, item in value.items()}
        case list():
            return [without_values(item) for item in value]
        case _:
            return value


def encode(reports: Sequence[Report]) -> bytes:
    return msgspec.json.encode(as_json(reports)) + b"\n"


def embedded(reports: Sequence[Report]) -> str:
    """The same, packed for a page of HTML, so that the page is all that one has to keep."""
    return base64.b64encode(zlib.compress(encode(reports), 9)).decode("ascii")


def read_reports(file: Path) -> tuple[Report, ...]:
    """The reports of a JSON file, or of a page of ours. Raises FaultError."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise FaultError(f"{file}: {error.strerror or error}") from None
    return decode(data, str(file))


def decode(data: bytes, name: str) -> tuple[Report, ...]:
    if found := _EMBEDDED.search(data):
        data = _unpacked(found[1], name)
    try:
        value = msgspec.json.decode(data)
        if value.get("schemaVersion") != VERSION:
            raise FaultError(f"{name}: this is no report of `skel fault`, or one of another version of it")
        return tuple(_report(it) for it in value["reports"])
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, AttributeError) as error:
        hint = "`skel fault run ... --save FILE` writes one; a page of `--report` holds it as well"
        raise FaultError(f"{name}: this is no report of `skel fault` ({error})", hint) from None


def _unpacked(packed: bytes, name: str) -> bytes:
    try:
        opened = zlib.decompressobj()
        data = opened.decompress(base64.b64decode(packed), MOST_BYTES)
    except (ValueError, zlib.error) as error:
        raise FaultError(f"{name}: the report inside of the page is damaged ({error})") from None
    return data


def _report(value: Mapping[str, Any]) -> Report:
    return Report(
        scenario=_scenario(value["scenario"], value["file"]),
        kubernetes=str(value["kubernetes"]),
        gates={str(name): bool(on) for name, on in value["gates"].items()},
        verdict=Verdict(value["verdict"]),
        violations=_all(value["violations"], Violation),
        moments=_all(value["history"], Moment),
        sha256=str(value["history_sha256"]),
        revisions=tuple(_revision(it) for it in value["revisions"]),
        happenings=_all(value["happenings"], Happening),
        traffic=msgspec.convert(value["traffic"], Traffic),
        wall=float(value["wall"]),
        never_triggered=int(value["never_triggered"]),
        log=str(value["log"]),
        clock=str(value["clock"]),
    )


def _all(values: Iterable[Json], form: type[F]) -> tuple[F, ...]:
    return tuple(msgspec.convert(value, form) for value in values)


def _revision(value: Mapping[str, Any]) -> Revision:
    return Revision(
        int(value["number"]),
        int(value["step"]),
        float(value["at"]),
        Event(value["event"]),
        str(value["resource"]),
        value["object"],
    )


def _scenario(text: str, file: str) -> Scenario:
    parsed = parse(Source(file, text))
    wrong = [it for it in parsed.diagnostics if it.severity is Severity.ERROR]
    if parsed.scenario is None or wrong:
        raise FaultError(f"the scenario in the report can't be used: {wrong[0].message if wrong else 'it is empty'}")
    return parsed.scenario
