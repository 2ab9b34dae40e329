"""`skel pack list`: the packs that have a name."""

from __future__ import annotations

import sys

import click

from skel.cli.options import color_option, painter


@click.command()
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the list.")
@color_option
def command(form: str, color: str) -> int:
    """Show every pack that a name finds: name, version, component, kind, number of rules, and where it is from.

    Exit code 2 if one of them can't be used.
    """
    from skel.packs.registry import catalogue
    from skel.report.packs import catalogue_json, catalogue_lines

    entries = catalogue()
    if form == "json":
        sys.stdout.write(catalogue_json(entries))
    else:
        paint = painter(color)
        for line in catalogue_lines(entries, paint):
            click.echo(line, color=paint.color)
    return 2 if any(entry.pack is None for entry in entries) else 0
