"""`skel test`: the cases of rules."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skel.cli.options import color_option, painter

if TYPE_CHECKING:
    from skel.packs.suites import Suite
    from skel.packs.testing import Wanted


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("-k", "pattern", default="", metavar="PATTERN", help="Only cases whose `pack/rule: name` it is found in.")
@click.option("-o", "--output", "form", type=click.Choice(["text", "json", "junit"]), default="text", help="Form.")
@click.option("-v", "--verbose", is_flag=True, help="Show the cases that passed, too.")
@color_option
def command(paths: tuple[str, ...], pattern: str, form: str, verbose: bool, color: str) -> int:
    """Run the cases of the rules in PATHS: folders of packs, folders of rules, single rule files, names of packs.

    Without PATHS, everything in the current folder. A case passes, fails (what it expects does not come) or is noisy
    (something comes that it does not expect). Exit code 1 if a case failed or was noisy, 2 if a file is broken.
    """
    from skel.packs.testing import exit_code, run_suite
    from skel.report.cases import junit, result_json, result_lines

    started = time.perf_counter()
    wanted = _wanted(pattern)
    results = [run_suite(suite, wanted) for path in paths or (".",) for suite in _suites(path)]
    if not any(result.rules or result.problems for result in results):
        what = f"no case matches {pattern!r}" if pattern else "there are no rules"
        raise click.UsageError(f"{what} in {', '.join(paths or ('.',))}")
    seconds = time.perf_counter() - started
    match form:
        case "json":
            sys.stdout.write(result_json(results, seconds))
        case "junit":
            sys.stdout.write(junit(results, seconds))
        case _:
            paint = painter(color)
            for line in result_lines(results, seconds, paint, is_verbose=verbose):
                click.echo(line, color=paint.color)
    return exit_code(results)


def _wanted(pattern: str) -> Wanted | None:
    """The test for -k."""
    try:
        expression = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise click.UsageError(f"-k {pattern!r} is no regular expression: {error}") from None
    return (lambda name: expression.search(name) is not None) if pattern else None


def _suites(path: str) -> list[Suite]:
    """What a path or the name of a pack stands for."""
    from skel.packs.registry import folder_of
    from skel.packs.suites import suites

    return list(suites(Path(path) if Path(path).exists() else folder_of(path)))
