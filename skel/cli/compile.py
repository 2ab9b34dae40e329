"""`skel compile`: the plan of a program, before any trace is seen."""

from __future__ import annotations

from typing import Any

import click

from skel.cli.options import program_options, read_program


@click.command()
@click.argument("programs", nargs=-1)
@program_options
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the plan.")
def command(programs: tuple[str, ...], form: str, **program_settings: Any) -> int:
    """Check PROGRAMS and show what each rule selects, reads and writes."""
    from skel.compiler.explain import plan_json, plan_lines

    plan = read_program(programs, **program_settings).compiled.plan
    if form == "json":
        import json

        click.echo(json.dumps(plan_json(plan), indent=2, ensure_ascii=False))
    else:
        for line in plan_lines(plan):
            click.echo(line)
    return 0
