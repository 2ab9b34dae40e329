"""`skel fault schema`: the JSON Schema of scenarios."""

from __future__ import annotations

import click


@click.command()
def command() -> int:
    """Print the JSON Schema of scenario files, for editors and other checks."""
    from skel.faults.scenario.schema import schema_text

    click.echo(schema_text(), nl=False)
    return 0
