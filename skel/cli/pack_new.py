"""`skel pack new`: a small pack that is complete."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder")
def command(folder: str) -> int:
    """Make a pack in FOLDER, named as the folder: a manifest, one rule with its cases, and pages."""
    from skel.packs.scaffold import create

    for file in create(Path(folder)):
        click.echo(f"wrote {file}")
    click.echo(f"try `skel test {folder}` and `skel pack verify {folder}`", err=True)
    return 0
