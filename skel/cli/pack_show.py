"""`skel pack show`: what is in a pack."""

from __future__ import annotations

import sys

import click

from skel.cli.options import color_option, painter


@click.command()
@click.argument("pack")
@click.option("--rule", "name", default="", metavar="ID", help="One rule, by id, code or alias, with its cases.")
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", help="Form.")
@color_option
def command(pack: str, name: str, form: str, color: str) -> int:
    """Show the rules of PACK, a name or a folder: code, release, severity, safety, title."""
    from skel.packs.registry import find, rule_of
    from skel.report.packs import pack_json, pack_lines, rule_json, rule_lines

    found = find(pack)
    rule = rule_of(found, name) if name else None
    if form == "json":
        sys.stdout.write(pack_json(found) if rule is None else rule_json(found, rule))
        return 0
    paint = painter(color)
    for line in pack_lines(found, paint) if rule is None else rule_lines(found, rule, paint):
        click.echo(line, color=paint.color)
    return 0
