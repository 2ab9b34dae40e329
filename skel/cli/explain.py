"""`skel explain`: the page behind a code of a message or a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from skel.cli.options import color_option, painter

if TYPE_CHECKING:
    from skel.language.codes import Page
    from skel.report.terminal import Paint


@click.command()
@click.argument("code", required=False)
@color_option
def command(code: str | None, color: str) -> int:
    """Explain CODE: of a message (SK021) with a failing and a corrected example, of a rule (KU112) with its cases.

    Without CODE, list the codes of messages; `skel pack show` lists those of rules.
    """
    from skel.faults.scenario import codes as faults
    from skel.language.codes import page
    from skel.lint.pages import lint_page
    from skel.packs import codes as packs
    from skel.trace import structure_codes as structure
    from skel.upgrade import codes as upgrade

    paint = painter(color)
    if code is None:
        _list(paint)
    elif (found := page(code) or lint_page(code)) is not None:
        _show_page(found, paint)
    elif text := packs.meaning(code) or upgrade.meaning(code) or structure.meaning(code) or faults.meaning(code):
        title = {**packs.TITLES, **upgrade.TITLES, **structure.TITLES, **faults.TITLES}[code.upper()]
        click.echo(f"{paint(code.upper(), 'bold')} {paint(title, 'bold')}\n\n{text}", color=paint.color)
    elif not _show_rule(code, paint):
        raise click.UsageError(f"there is no code {code}; `skel explain` lists them")
    return 0


def _list(paint: Paint) -> None:
    from skel.faults.scenario import codes as faults
    from skel.language.codes import known_codes, page
    from skel.lint.pages import lint_titles
    from skel.packs import codes as packs
    from skel.trace import structure_codes as structure
    from skel.upgrade import codes as upgrade

    titles = {known.code: known.title for known in filter(None, map(page, known_codes()))}
    others = (lint_titles(), packs.TITLES, upgrade.TITLES, structure.TITLES, faults.TITLES)
    for known, title in (*titles.items(), *(row for other in others for row in other.items())):
        click.echo(f"{paint(known, 'bold')}  {title}", color=paint.color)


def _show_rule(code: str, paint: Paint) -> bool:
    """Show the page of the rule with that code, if there is one."""
    from skel.packs.registry import rule_of_code
    from skel.report.packs import rule_lines

    found = rule_of_code(code)
    for line in rule_lines(*found, paint) if found is not None else ():
        click.echo(line, color=paint.color)
    return found is not None


def _show_page(found: Page, paint: Paint) -> None:
    click.echo(f"{paint(found.code, 'bold')} {paint(found.title, 'bold')}\n\n{found.why}\n")
    for heading, example in (("wrong", found.failing), ("right", found.corrected)):
        click.echo(paint(heading, "red" if heading == "wrong" else "green"))
        click.echo("".join(f"    {line}\n" for line in example.splitlines()))
