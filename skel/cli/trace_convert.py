"""`skel trace convert`: MessagePack to JSON and back, with nothing lost."""

from __future__ import annotations

from pathlib import PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from skel.cli.output import refuse_overwrite, write_text

if TYPE_CHECKING:
    from skel.trace.model import Trace

FORM_OF_SUFFIX = MappingProxyType({".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".sktrace": "sktrace"})


@click.command()
@click.argument("trace")
@click.argument("target", required=False, metavar="[OUTPUT]")
@click.option("-o", "--output", metavar="FILE", help="Where the result goes; `-`, the default, is standard output.")
@click.option("--to", "form", type=click.Choice(["json", "jsonl", "sktrace"]), help="Form of the result.")
def command(trace: str, target: str | None, output: str | None, form: str | None) -> int:
    """Write TRACE in another form: a trace as JSON, JSON as a trace. `-` stands for standard input.

    What TRACE is, its content tells. The form of the result is that of --to, or of the name of OUTPUT (.json, .jsonl,
    .sktrace), or else the other one. The JSON is exact: it gives the same bytes when it comes back.
    """
    if target and output:
        raise click.UsageError("name the output once: OUTPUT or -o")
    from skel.storage.packing import plain_name

    goal = output or target or "-"
    refuse_overwrite(goal, (trace,), "name another file")
    found, is_json = _read(trace)
    wanted = form or FORM_OF_SUFFIX.get(PurePath(plain_name(goal)).suffix.lower(), "sktrace" if is_json else "json")
    _write(found, goal, wanted)
    return 0


def _read(path: str) -> tuple[Trace, bool]:
    """The trace, and whether it was JSON."""
    from skel.storage.store import read_bytes, shown
    from skel.trace.json_form import from_json, from_jsonl
    from skel.trace.model import Trace

    data = read_bytes(path)
    if not data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return Trace.from_bytes(data, shown(path)), False
    return (from_jsonl if _has_lines(data) else from_json)(data, shown(path)), True


def _has_lines(data: bytes) -> bool:
    """Whether the first line is a JSON value of its own. Of indented JSON it is only the first bracket."""
    first = data.lstrip().partition(b"\n")[0].rstrip()
    return first.endswith(b"}")


def _write(trace: Trace, path: str, form: str) -> None:
    from skel.trace.json_form import write_json, write_jsonl

    if form == "sktrace":
        trace.save(path)
    else:
        write_text(path, lambda file: (write_json if form == "json" else write_jsonl)(trace, file))
