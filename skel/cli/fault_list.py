"""`skel fault list`: failure modes, invariants, actions."""

from __future__ import annotations

import click

from skel.cli.options import color_option, painter


@click.command()
@click.option("--oracles", "what", flag_value="oracles", help="The invariants instead.")
@click.option("--actions", "what", flag_value="actions", help="The actions and triggers of scenarios instead.")
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the list.")
@color_option
def command(what: str | None, form: str, color: str) -> int:
    """Show the failure modes of the catalogue, and on which releases they fail and pass."""
    from skel.faults.catalogue import entries
    from skel.faults.oracles.known import KNOWN
    from skel.report.faults.lists import action_rows, mode_json, mode_lines, oracle_rows, row_lines

    paint = painter(color)
    if what is None:
        known = entries()
        lines, value = mode_lines(known, paint), mode_json(known)
    else:
        value = oracle_rows(KNOWN) if what == "oracles" else action_rows()
        lines = row_lines(value, paint)
    if form == "json":
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(value)).decode())
        return 0
    for line in lines:
        click.echo(line, color=paint.color)
    return 0
