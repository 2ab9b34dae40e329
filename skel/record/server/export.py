"""What `skctl export` asks of a recorder, and what it gets: a part of the recording as a trace.

The request is that of the reference's recorder: `start_ts`, `end_ts` (Unix seconds, the end is not included),
`export_path`, `filters` with `excluded_namespaces` and `excluded_labels`, and perhaps a program, `transform`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import msgspec
from msgspec import Struct

from skel.language.text import Source
from skel.patch.values import Json
from skel.program import compile_sources
from skel.record.assemble import Window, write_trace
from skel.record.entries import Applied, Entries
from skel.record.errors import RecordError
from skel.record.imports.selector import Selector, parse_selector
from skel.storage.place import is_remote
from skel.storage.store import write_atomically
from skel.trace.model import Trace

_DAEMON_SET = "DaemonSet"


class _Requirement(Struct):
    key: str
    operator: str
    values: list[str] = []


class _Labels(Struct, rename="camel"):
    match_labels: dict[str, str] = {}
    match_expressions: list[_Requirement] = []


class _Filters(Struct):
    excluded_namespaces: list[str] = []
    excluded_labels: list[_Labels] = []


class Export(Struct):
    """A request. Times are in Unix seconds."""

    start_ts: int
    end_ts: int
    export_path: str = ""
    filters: _Filters = msgspec.field(default_factory=_Filters)
    transform: str | None = None


class _Owner(Struct):
    kind: str = ""


class _Metadata(Struct, rename="camel"):
    namespace: str = ""
    labels: dict[str, Any] | None = None
    owner_references: list[_Owner] | None = None


class _Seen(Struct):
    metadata: _Metadata


_see = msgspec.msgpack.Decoder(_Seen).decode


def read_request(data: bytes) -> Export:
    """Raises RecordError for what is no request."""
    try:
        return msgspec.json.decode(data, type=Export)
    except msgspec.MsgspecError as error:
        raise RecordError(f"this is no request for a trace: {error}") from None


@dataclass(frozen=True, slots=True)
class Exported:
    """The bytes of a trace; none if it was written where the request said."""

    data: bytes = b""


def export(request: Export, entries: Entries, config: Mapping[str, Json], begun: int) -> Exported:
    """The trace of a request; `begun` is from when on something is known. Raises TraceError and SkelError."""
    if request.end_ts <= request.start_ts:
        raise RecordError("the end of what is asked for is not behind its start")
    window = Window(max(request.start_ts, begun), max(request.end_ts, begun + 1), keep_for(request))
    file = BytesIO()
    write_trace(file, entries, dict(config), window)
    data = file.getvalue()
    if request.transform:
        program = compile_sources([Source("the transform of the request", request.transform)])
        data = program.apply(Trace.from_bytes(data))[0].to_bytes()
    if not is_remote(request.export_path):
        # A path is one of whoever asks.
        return Exported(data)
    write_atomically(request.export_path, lambda target: target.writelines((data,)))
    return Exported()


def keep_for(request: Export) -> Callable[[Applied], bool]:
    """Whether an object passes the filters. What a DaemonSet owns never does: nodes make it again."""
    namespaces = frozenset(request.filters.excluded_namespaces)
    selectors = [_selector(labels) for labels in request.filters.excluded_labels]

    def keep(entry: Applied) -> bool:
        metadata = _see(entry.object).metadata
        if metadata.namespace and metadata.namespace in namespaces:
            return False
        if any(owner.kind == _DAEMON_SET for owner in metadata.owner_references or ()):
            return False
        thing = {"metadata": {"labels": metadata.labels or {}}}
        return not any(selector.matches(thing) for selector in selectors)

    return keep


def _selector(labels: _Labels) -> Selector:
    terms = [f"{key}={value}" for key, value in labels.match_labels.items()]
    terms += [_term(requirement) for requirement in labels.match_expressions]
    return parse_selector(",".join(terms))


def _term(requirement: _Requirement) -> str:
    match requirement.operator:
        case "In" | "NotIn":
            return f"{requirement.key} {requirement.operator.lower()} ({','.join(requirement.values)})"
        case "Exists":
            return requirement.key
        case "DoesNotExist":
            return f"!{requirement.key}"
        case other:
            raise RecordError(f"there is no operator `{other}` for labels", "In, NotIn, Exists, DoesNotExist")
