"""The files of a run directory as Parquet, for those who ask their questions in SQL or with data frames.

Each `x.jsonl` gets an `x.parquet` beside it, with the columns of docs/run-folder.md whatever lines there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from skel.replay.errors import ReplayError

if TYPE_CHECKING:
    from pyarrow import Schema

_TEXT, _NUMBER, _COUNT, _FLAG, _TEXTS, _LABELS, _JSON = "text", "number", "count", "flag", "texts", "labels", "json"
_COMMON = {"t": _NUMBER, "wall": _NUMBER, "round": _COUNT}
_OBJECT = {"apiVersion": _TEXT, "kind": _TEXT, "namespace": _TEXT, "name": _TEXT}
_MORE = "more"
"""The column for fields of a later version: JSON, null if there are none."""
_LINES_AT_ONCE = 20_000

COLUMNS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "requests": {
            **_COMMON,
            "step": _COUNT,
            "event": _COUNT,
            "verb": _TEXT,
            **_OBJECT,
            "status": _COUNT,
            "verdict": _TEXT,
            "reason": _TEXT,
            "message": _TEXT,
            "warnings": _TEXTS,
            "attempts": _COUNT,
            "rule": _TEXT,
            "fix": _TEXT,
        },
        "pods": {
            **_COMMON,
            **dict.fromkeys(("namespace", "name", "owner", "phase", "node", "reason"), _TEXT),
            **dict.fromkeys(("created", "scheduled", "running", "finished", "deleted"), _NUMBER),
        },
        "events": {
            **_COMMON,
            **dict.fromkeys(("type", "reason", "message"), _TEXT),
            "count": _COUNT,
            **dict.fromkeys(("component", "namespace", "name"), _TEXT),
            "involvedObject": _JSON,
        },
        "nodes": {**_COMMON, "change": _TEXT, "name": _TEXT, "ready": _FLAG, "unschedulable": _FLAG},
        "objects": {**_COMMON, "change": _TEXT, **_OBJECT, "uid": _TEXT, "generation": _COUNT, "object": _JSON},
        "metrics": {**_COMMON, "component": _TEXT, "name": _TEXT, "labels": _LABELS, "value": _NUMBER},
    }
)
"""By file, the columns and what is in them; `json` is a text that holds JSON."""


def write_parquet(folder: str | Path) -> list[Path]:
    """Write a Parquet file for each file of lines in the folder of a run; return them.

    A line that a killed run left unfinished is passed over. Raises ReplayError without the library or the folder, and
    for a file that can't be written.
    """
    pyarrow()
    place = Path(folder)
    files = [place / f"{name}.jsonl" for name in COLUMNS if (place / f"{name}.jsonl").is_file()]
    if not files:
        raise ReplayError(f"{place} is not the folder of a run: there are no lines in it")
    written = []
    for file in files:
        target = file.with_suffix(".parquet")
        _write(file, target, COLUMNS[file.stem])
        written.append(target)
    return written


def pyarrow() -> Any:
    """The library. Raises ReplayError if it is not installed."""
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise ReplayError("Parquet needs pyarrow", "pip install 'skel-lang[parquet]' brings it") from None
    return pa


def _write(file: Path, target: Path, columns: Mapping[str, str]) -> None:
    """All of the table, or none of it."""
    unfinished = target.with_suffix(".parquet.part")
    try:
        _write_table(file, unfinished, columns)
        unfinished.replace(target)
    except OSError as error:
        raise ReplayError(f"{target} can't be written: {error.strerror or error}") from None
    finally:
        unfinished.unlink(missing_ok=True)


def _write_table(file: Path, target: Path, columns: Mapping[str, str]) -> None:
    pa = pyarrow()
    schema = _schema(columns)
    with file.open("rb") as source, pa.parquet.ParquetWriter(target, schema, compression="zstd") as writer:
        lines = _lines(source)
        while block := list(islice(lines, _LINES_AT_ONCE)):
            rows = [_row(line, columns) for line in block]
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))


def _schema(columns: Mapping[str, str]) -> Schema:
    pa = pyarrow()
    types = {
        _TEXT: pa.string(),
        _JSON: pa.string(),
        _NUMBER: pa.float64(),
        _COUNT: pa.int64(),
        _FLAG: pa.bool_(),
        _TEXTS: pa.list_(pa.string()),
        _LABELS: pa.map_(pa.string(), pa.string()),
    }
    fields = [pa.field(name, types[kind]) for name, kind in columns.items()]
    schema: Schema = pa.schema([*fields, pa.field(_MORE, pa.string())])
    return schema


def _lines(source: BinaryIO) -> Iterator[dict[str, Any]]:
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    for line in source:
        try:
            yield decode(line)
        except (msgspec.MsgspecError, ValueError):
            continue


def _row(line: dict[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    row = {name: _value(line.pop(name, None), kind) for name, kind in columns.items()}
    row[_MORE] = _json(line) if line else None
    return row


def _value(value: Any, kind: str) -> Any:
    if value is None:
        return None
    match kind:
        case "json":
            return _json(value)
        case "labels":
            return sorted(value.items())
        case "number":
            return float(value)
        case _:
            return value


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
