"""`skel query`: look into a trace with JSONPath."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import click

from skel.cli.options import color_option, painter

if TYPE_CHECKING:
    from skel.query.jsonpath import JsonPath, QueryError
    from skel.query.search import Hit, Where


@click.command()
@click.argument("trace")
@click.argument("jsonpath")
@click.option(
    "--kind", "kinds", multiple=True, metavar="KIND", help="Only objects of this kind; can be given more than once."
)
@click.option("-n", "--namespace", default="", metavar="NAME", help="Only objects in this namespace.")
@click.option("--name", default="", metavar="NAME", help="Only objects of this name.")
@click.option("--deleted", is_flag=True, help="Look into deleted objects as well.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Stop after so many hits.")
@click.option(
    "-o", "--output", "form", type=click.Choice(["text", "json", "jsonl"]), default="text", help="Form of the hits."
)
@color_option
def command(
    trace: str,
    jsonpath: str,
    kinds: tuple[str, ...],
    namespace: str,
    name: str,
    deleted: bool,
    limit: int | None,
    form: str,
    color: str,
) -> int:
    """Show what JSONPATH reaches in each object of TRACE, such as '$.spec.template.spec.containers[*].image'.

    A line a hit: number of the event, its time, the object, the path, the value. `-` is standard input. Exit code 1 if
    there is no hit.
    """
    from skel.query.jsonpath import JsonPath, QueryError
    from skel.query.search import Where

    where = Where(frozenset(kind.lower() for kind in kinds), namespace, name, deleted)
    try:
        path = JsonPath(jsonpath)
        count = _show(path, islice(_hits(trace, path, where), limit), form, color)
    except QueryError as error:
        raise _complaint(error) from None
    if not count:
        from skel.storage.store import shown

        click.echo(f"no hit for {jsonpath} in {shown(trace)}", err=True)
    elif count == limit:
        click.echo(f"stopped at the limit of {limit}", err=True)
    return 0 if count else 1


def _hits(trace: str, path: JsonPath, where: Where) -> Iterator[Hit]:
    from skel.query.search import search
    from skel.trace.model import Trace

    return search(Trace.open(trace), path, where)


def _show(path: JsonPath, hits: Iterator[Hit], form: str, color: str) -> int:
    """Write the hits to standard output and return their number."""
    from skel.report.hits import hit_lines, hits_json, hits_jsonl

    counted = _Counted(hits)
    if form == "text":
        paint = painter(color)
        sys.stdout.writelines(f"{line}\n" for line in hit_lines(counted, paint))
    else:
        pieces = hits_json(counted, path.text) if form == "json" else hits_jsonl(counted)
        sys.stdout.buffer.writelines(pieces)
    return counted.count


class _Counted(Iterator["Hit"]):
    """The hits, and how many have gone by."""

    def __init__(self, hits: Iterator[Hit]) -> None:
        self._hits = hits
        self.count = 0

    def __next__(self) -> Hit:
        hit = next(self._hits)
        self.count += 1
        return hit


def _complaint(error: QueryError) -> Exception:
    from skel.trace.errors import TraceError

    return TraceError(str(error), error.hint)
