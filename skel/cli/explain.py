"""`skel explain`: the page behind a diagnostic code."""

from __future__ import annotations

import click

from skel.cli.options import color_option, painter


@click.command()
@click.argument("code", required=False)
@color_option
def command(code: str | None, color: str) -> int:
    """Explain CODE (such as SK021) with a failing and a corrected example. Without CODE, list all codes."""
    from skel.language.codes import known_codes, page

    paint = painter(color)
    if code is None:
        for known in filter(None, map(page, known_codes())):
            click.echo(f"{paint(known.code, 'bold')}  {known.title}", color=paint.color)
        return 0
    found = page(code)
    if found is None:
        raise click.UsageError(f"there is no code {code}; `skel explain` lists them")
    click.echo(f"{paint(found.code, 'bold')} {paint(found.title, 'bold')}\n\n{found.why}\n")
    for heading, example in (("wrong", found.failing), ("right", found.corrected)):
        click.echo(paint(heading, "red" if heading == "wrong" else "green"))
        click.echo("".join(f"    {line}\n" for line in example.splitlines()))
    return 0
