"""`skel lint`: what a program says and can't mean."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skel.cli.findings_options import Reporting, findings_options
from skel.cli.fmt import show_diff, write_program
from skel.cli.options import read_source

if TYPE_CHECKING:
    from skel.findings.model import Problem
    from skel.language import ast
    from skel.language.text import Source
    from skel.lint.file import File, Setting
    from skel.lint.runner import Linted, SettingOf
    from skel.patch.values import Json

MANIFEST = "pack.yaml"
STANDARD_INPUT = "<standard input>"


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--fix", is_flag=True, help="Apply the safe fixes, and report what is left.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix and --diff: also those that need a look.")
@click.option("--diff", is_flag=True, help="Write nothing; show what --fix would change, exit code 1 if anything.")
@click.option("--trace", metavar="FILE", help="Report rules that do nothing in this trace.")
@click.option("--strict-reference", is_flag=True, help="Report what the reference tool would not accept.")
@click.option("--from", "source", metavar="RELEASE", default="", help="Release of the objects before the program ran.")
@click.option("--to", "target", metavar="RELEASE", default="", help="Release of the objects after it.")
@findings_options
def command(
    files: tuple[str, ...],
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    trace: str | None,
    strict_reference: bool,
    source: str,
    target: str,
    reporting: Reporting,
) -> int:
    """Look for mistakes in programs: FILES, folders with .skel files, `-` for standard input.

    Files that end in .yaml are scenarios of `skel fault`.

    `skel explain CODE` explains what is found. The comment `# skel: ignore[CODE] reason`, on the line or above it,
    silences a code. The releases are those of the pack in which a file lies, else all that are known.
    """
    from skel.lint.runner import lint, open_files

    if unsafe_fixes and not (fix or diff):
        raise click.UsageError("--unsafe-fixes goes with --fix or --diff")
    scenarios = tuple(name for name in files if name.endswith((".yaml", ".yml")))
    sources, problems = (
        _read([name for name in files if name not in scenarios]) if set(files) - set(scenarios) else ([], [])
    )
    usual = _usual(source, target, strict_reference=strict_reference)
    setting_of = _settings(sources, usual)
    opened = _on_trace(open_files(sources, setting_of), trace)
    if diff:
        return _show_fixes(opened, reporting.color, unsafe=unsafe_fixes)
    if fix:
        mended = [_fixed(file, unsafe=unsafe_fixes) for file in opened]
        opened = _on_trace(open_files(mended, setting_of), trace)
    linted = (*map(lint, opened), *map(_scenario, scenarios))
    return _report(linted, problems, usual, reporting, err=fix and "-" in files)


# ---- what is read ----------------------------------------------------------------------------------------------------


def _read(names: Sequence[str]) -> tuple[list[Source], list[Problem]]:
    """All programs, and what could not be read. Raises click's error if there is nothing to read at all."""
    from skel.findings.model import Location, Problem

    found: dict[str, Source] = {}
    problems = []
    for name in _files(names):
        try:
            found.setdefault(name, read_source(name))
        except click.ClickException as error:
            if len(names) == 1 and not Path(name).parent.is_dir():
                raise
            message = error.format_message().removeprefix(f"{name}: ")
            problems.append(Problem(Location(name), message))
    if not found and len(problems) == 1:
        raise click.ClickException(f"{problems[0].location}: {problems[0].message}")
    return list(found.values()), problems


def _files(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        if not Path(name).is_dir():
            yield name
            continue
        inside = sorted(map(str, Path(name).rglob("*.skel")))
        if not inside:
            raise click.UsageError(f"there are no .skel files in {name}")
        yield from inside


def _usual(source: str, target: str, *, strict_reference: bool) -> Setting:
    """What holds for every file. Raises click's error for an unknown release."""
    from skel.kube.release import TargetIsOlder, UnknownRelease, hops, parse_release
    from skel.lint.file import Setting

    try:
        first, last = (parse_release(release) if release else "" for release in (source, target))
        if first and last:
            hops(first, last)
    except (UnknownRelease, TargetIsOlder) as error:
        raise click.UsageError(str(error)) from None
    return Setting(first, last, is_target_given=bool(last), strict_reference=strict_reference, execute=_execute)


def _execute(module: ast.ResolvedModule, objects: Sequence[Json], targets: Mapping[str, str]) -> list[Json] | None:
    """The engine takes its time to load, and few rules need to be tried."""
    from skel.lint.trial import execute

    return execute(module, objects, targets)


def _settings(sources: Sequence[Source], usual: Setting) -> SettingOf:
    """What holds for each file: more, if it lies in a pack."""
    folders = {folder for source in sources for folder in Path(source.name).absolute().parents}
    if not any((folder / MANIFEST).is_file() for folder in folders):
        return lambda _: usual
    from skel.lint.home import Homes

    return Homes(usual).setting


def _on_trace(files: Sequence[File], name: str | None) -> tuple[File, ...]:
    if name is None:
        return tuple(files)
    from skel.lint.trial import with_trace
    from skel.trace.model import Trace

    trace = Trace.open(name)
    return tuple(with_trace(file, trace) for file in files)


def _scenario(name: str) -> Linted:
    """A scenario with what is wrong with it."""
    from skel.faults.scenario.check import check
    from skel.faults.scenario.parse import read_scenario
    from skel.lint.runner import Linted

    parsed = read_scenario(Path(name))
    return Linted(parsed.source, check(parsed), ())


# ---- what is mended --------------------------------------------------------------------------------------------------


def _fixed(file: File, *, unsafe: bool) -> Source:
    """Apply the fixes and write the file; standard input goes to standard output, mended or not."""
    from skel.language.text import Source
    from skel.lint.fixer import fix_all

    name = file.source.name
    mended = fix_all(file, unsafe=unsafe)
    if name == STANDARD_INPUT:
        sys.stdout.write(mended.text)
    elif mended.count:
        write_program(name, mended.text)
        click.echo(f"{name}: {mended.count} fixed", err=True)
    return Source(name, mended.text)


def _show_fixes(files: Sequence[File], color: str, *, unsafe: bool) -> int:
    from skel.lint.fixer import fix_all

    found = [(file.source, fix_all(file, unsafe=unsafe).text) for file in files]
    for source, after in found:
        show_diff(source.name, source.text, after, color)
    return int(any(source.text != after for source, after in found))


# ---- what is said ----------------------------------------------------------------------------------------------------


def _report(
    linted: tuple[Linted, ...], problems: Sequence[Problem], usual: Setting, reporting: Reporting, *, err: bool
) -> int:
    """The report, to standard error if the mended program went to standard output."""
    from skel.lint.report import findings_of, frames

    found = replace(findings_of(linted), source=usual.source, target=usual.target, problems=tuple(problems))
    texts = {result.source.name: result.source.text for result in linted}
    say = reporting.tell if err else reporting.finish
    return say(found, sources=texts, frames=frames(linted))
