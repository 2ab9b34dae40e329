"""`skel pack add`: a pack from a URL, pinned in `skel.lock`."""

from __future__ import annotations

import re
from pathlib import Path

import click


@click.command()
@click.argument("url", required=False)
@click.option("--sha256", default="", metavar="HEX", help="What the archive must hash to.")
def command(url: str | None, sha256: str) -> int:
    """Fetch the pack at URL (.tar.gz) and pin it in skel.lock by its SHA-256. Without URL, fetch what skel.lock names.

    A pinned pack is found by its name, offline too; one whose hash is another is refused.
    """
    from skel.packs.adding import add, fetch_missing

    if url is None:
        if sha256:
            raise click.UsageError("--sha256 belongs to a URL")
        for pin in fetch_missing(Path()):
            click.echo(f"fetched {pin.name} from {pin.url}")
        return 0
    if sha256 and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise click.UsageError("--sha256 takes 64 hexadecimal digits")
    added = add(url, sha256.lower(), Path())
    click.echo(f"added {added.pack.name} {added.pack.version}: {len(added.pack.rules)} rules")
    click.echo(f"pinned in {added.lock} as {added.pin.sha256}")
    return 0
