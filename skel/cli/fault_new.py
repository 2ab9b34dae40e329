"""`skel fault new`: a scenario or an invariant to begin with."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("file")
def command(file: str) -> int:
    """Write FILE: a scenario that runs (NAME.yaml), or an invariant of one's own (NAME.py)."""
    from skel.faults.scenario.scaffold import scaffold

    text = scaffold(Path(file))
    try:
        with Path(file).open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise click.ClickException(f"{file} is there already, and is left as it is") from None
    click.echo(f"wrote {file}")
    way = f"`skel lint {file}`, then `skel fault run -f {file}`"
    click.echo(f"try {way}" if file.endswith((".yaml", ".yml")) else f"use it with `--oracle {file}`", err=True)
    return 0
