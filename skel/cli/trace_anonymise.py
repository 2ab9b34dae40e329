"""`skel trace anonymise`: a trace that may leave the house."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from skel.cli.output import refuse_overwrite
from skel.cli.progress import progress

if TYPE_CHECKING:
    from skel.tools.secrets import Secret
    from skel.trace.model import Trace

_SHOWN = 20
_SHORT = 16
"""Bytes of a key below which it could be tried out."""


@click.command()
@click.argument("trace")
@click.option(
    "-o", "--output", default="-", metavar="FILE", help="Where the trace goes; `-`, the default, is standard output."
)
@click.option("--key", metavar="TEXT", envvar="SKEL_KEY", help="The key of the pseudonyms; better in a file.")
@click.option("--key-file", type=click.Path(exists=True, dir_okay=False), help="A file with the key.")
@click.option("--redact", is_flag=True, help="Put `redacted` in place of what looks like a secret.")
@click.option(
    "--workers", type=click.IntRange(1), metavar="N", help="Processes to use (default: one a processor on big traces)."
)
def command(trace: str, output: str, key: str | None, key_file: str | None, redact: bool, workers: int | None) -> int:
    """Replace all names in TRACE by pseudonyms, so that it can be given away and still replays as it did.

    The same name has the same pseudonym everywhere, and in every trace with the same key. The result is searched for
    what looks like a secret; if there is any, nothing is written and the exit code is 1.
    """
    from skel.tools.anonymise.run import anonymise, is_pseudonym
    from skel.tools.secrets import find_secrets, without_secrets
    from skel.trace.model import Trace

    secret = _key(key, key_file)
    refuse_overwrite(output, (trace, *filter(None, [key_file])), "name another file")
    opened = Trace.open(trace)
    with progress(len(opened.events)) as done:
        hidden = anonymise(opened, secret, workers=workers, progress=done)
    found = find_secrets(hidden, innocent=is_pseudonym)
    if found and not redact:
        _list(found)
        click.echo("nothing was written: these look like secrets; --redact replaces them", err=True)
        return 1
    result = without_secrets(hidden, innocent=is_pseudonym) if found else hidden
    result.save(output)
    _tell(result, opened, secret, len(found))
    return 0


def _key(text: str | None, file: str | None) -> bytes:
    if text is not None and file is not None:
        raise click.UsageError("name the key once: --key or --key-file")
    key = Path(file).read_bytes().strip() if file else (text or "").encode()
    if not key:
        where = f"{file} is empty" if file else "a key is missing"
        raise click.UsageError(
            f"{where}: without one, names can be guessed from their pseudonyms; write some random text into a file "
            "(`openssl rand -hex 32 > secret.key`) and give it with --key-file"
        )
    return key


def _tell(result: Trace, before: Trace, key: bytes, redacted: int) -> None:
    from skel.report.traces.words import plural
    from skel.tools.anonymise.survivors import survivors

    click.echo(f"{plural(len(result.events), 'event')}; names are pseudonyms now", err=True)
    if redacted:
        click.echo(f"redacted what looked like a secret in {plural(redacted, 'place')}", err=True)
    if len(key) < _SHORT:
        click.echo(
            f"the key has {plural(len(key), 'byte')}: anybody can try out so short a one; take 16 or more", err=True
        )
    left = survivors(before, result)
    if left:
        click.echo("words of names that still stand somewhere, in places that keep their text:", err=True)
        for word, place in left[:_SHOWN]:
            click.echo(f"  {word}  in {place}", err=True)


def _list(found: list[Secret]) -> None:
    for secret in found[:_SHOWN]:
        times = f", {secret.times:,} times" if secret.times > 1 else ""
        click.echo(f"{secret}{times}", err=True)
    if len(found) > _SHOWN:
        click.echo(f"and {len(found) - _SHOWN:,} more places", err=True)
