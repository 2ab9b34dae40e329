"""`skel pack verify`: everything that a pack must be."""

from __future__ import annotations

import time

import click

from skel.cli.options import color_option, painter


@click.command()
@click.argument("pack", default=".", metavar="[PACK]")
@click.option("--fix", is_flag=True, help="Format the rules and write the pages anew before looking.")
@color_option
def command(pack: str, fix: bool, color: str) -> int:
    """Check PACK, a folder or a name: manifest, rules, cases, format, pages. By default the current folder.

    Exit code 1 if there is anything to complain about, 2 if the pack is broken.
    """
    from skel.packs.registry import folder_of, locate
    from skel.packs.verify import exit_code, tidy, verify
    from skel.report.cases import result_lines

    started = time.perf_counter()
    if fix and not locate(pack).is_own:
        raise click.UsageError(f"--fix writes to a pack of one's own, and {pack} is not named by its path")
    folder = folder_of(pack)
    for file in tidy(folder) if fix else ():
        click.echo(f"wrote {file}", err=True)
    result, problems = verify(folder)
    paint = painter(color)
    for line in result_lines([result], time.perf_counter() - started, paint, problems=problems):
        click.echo(line, color=paint.color)
    return exit_code(result, problems)
