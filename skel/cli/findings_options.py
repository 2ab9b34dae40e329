"""What the verbs that return findings have in common: their options, and how they end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skel.cli.config import FORMS, Config, config_callback, refusal
from skel.cli.options import color_option, painter

if TYPE_CHECKING:
    from skel.findings.baseline import Baseline
    from skel.findings.ignore import Ignore
    from skel.findings.model import Findings
    from skel.report.findings.view import Frames, View


@dataclass(frozen=True, slots=True)
class Reporting:
    """The values of the options."""

    output: str = "text"
    output_file: str | None = None
    fail_on: str = "deprecated"
    exit_zero: bool = False
    baseline: str | None = None
    write_baseline: str | None = None
    ignored: tuple[str, ...] = ()
    config: Config = field(default_factory=Config)
    color: str = "auto"

    def finish(
        self,
        findings: Findings,
        *,
        sources: Mapping[str, str] | None = None,
        frames: Frames | None = None,
    ) -> int:
        """Leave out what is ignored or known, write the report, and say how the run ends.

        `sources` are texts by name that are no files, such as standard input, so that their lines can be shown;
        `frames` shows findings about a text in its own way.
        """
        from skel.findings.errors import BadSettingError
        from skel.findings.exit import FailOn, exit_code

        self._refuse_overwrite(findings)
        try:
            settled = self._settled(findings)
        except BadSettingError as error:
            raise refusal(error) from None
        self._write(settled, self._view(sources, frames))
        return exit_code(settled, FailOn(self.fail_on), exit_zero=self.exit_zero)

    def tell(
        self, findings: Findings, *, sources: Mapping[str, str] | None = None, frames: Frames | None = None
    ) -> int:
        """The same for a verb whose result is something else: the report goes to standard error."""
        from skel.findings.errors import BadSettingError
        from skel.findings.exit import FailOn, exit_code
        from skel.report.findings.render import render

        try:
            settled = self._settled(findings)
        except BadSettingError as error:
            raise refusal(error) from None
        paint = painter(self.color, err=True)
        view = replace(self._view(sources, frames), paint=paint)
        click.echo(render(settled, "text", view), err=True, nl=False, color=paint.color)
        return exit_code(settled, FailOn(self.fail_on))

    def _settled(self, findings: Findings) -> Findings:
        """Ignores first, so that the baseline never holds what an ignore covers."""
        from skel.findings.baseline import apply_baseline
        from skel.findings.ignore import apply_ignores
        from skel.report.findings.view import now

        today = now().date()
        findings = apply_ignores(findings, (*self._ignored(), *self.config.ignores), today)
        known = read_known(self.baseline) if self.baseline else None
        if self.write_baseline:
            known = _write_known(findings, self.write_baseline, known)
        return apply_baseline(findings, known, today) if known else findings

    def _ignored(self) -> list[Ignore]:
        from skel.findings.ignore import Ignore

        reason = "asked for on the command line"
        return [Ignore(reason, "--ignore", number, rule=word) for number, word in enumerate(self.ignored, start=1)]

    def _refuse_overwrite(self, findings: Findings) -> None:
        """Before anything is written: the report and the baseline replace neither an input nor each other."""
        from skel.cli.output import refuse_overwrite

        known = tuple(name for name in (self.baseline, self.write_baseline) if name)
        refuse_overwrite(self.output_file, (*findings.scanned.inputs, *known), "name another file")
        refuse_overwrite(self.write_baseline, findings.scanned.inputs, "name another file")

    def _write(self, findings: Findings, view: View) -> None:
        from skel.cli.output import write_text
        from skel.report.findings.render import render

        target = self.output_file or "-"
        report = render(findings, self.output, view).encode()
        write_text(target, lambda file: file.writelines([report]))

    def _view(self, sources: Mapping[str, str] | None = None, frames: Frames | None = None) -> View:
        from shutil import get_terminal_size

        from skel import __version__
        from skel.findings.exit import FailOn
        from skel.report.findings.frame import read_text
        from skel.report.findings.view import View

        texts = sources or {}
        color = "never" if self.output_file and self.color == "auto" else self.color
        return View(
            paint=painter(color),
            width=get_terminal_size((100, 24)).columns,
            root=project_root(Path.cwd()),
            version=__version__,
            fail_on=FailOn(self.fail_on),
            read=lambda name: texts[name] if name in texts else read_text(name),
            frames=frames,
        )


def findings_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options of reports; the verb gets their values as one, `reporting`."""

    @wraps(command)
    def collected(*arguments: Any, **settings: Any) -> int:
        own = {name: settings.pop(name) for name in Reporting.__dataclass_fields__}
        return command(*arguments, reporting=Reporting(**own), **settings)

    for option in reversed(_OPTIONS):
        collected = option(collected)
    return collected


config_option = click.option(
    "--config",
    metavar="FILE",
    envvar="SKEL_CONFIG",
    is_eager=True,
    callback=config_callback,
    help="Settings, instead of the nearest skel.toml or pyproject.toml; `none` reads none.",
)

_OPTIONS = (
    click.option(
        "-o", "--output", type=click.Choice(FORMS), default="text", envvar="SKEL_OUTPUT", help="Form of the report."
    ),
    click.option("--output-file", metavar="FILE", help="Where the report goes instead of standard output."),
    click.option(
        "--fail-on",
        type=click.Choice(["never", "deprecated", "removed", "any"]),
        default="deprecated",
        envvar="SKEL_FAIL_ON",
        help="What makes exit code 1: errors alone (removed), warnings too (deprecated), or all.",
    ),
    click.option("--exit-zero", is_flag=True, envvar="SKEL_EXIT_ZERO", help="Exit code 0 whatever is found."),
    click.option(
        "--baseline",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        envvar="SKEL_BASELINE",
        help="Leave out the findings that are in this file.",
    ),
    click.option(
        "--write-baseline",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help="Write what is found now into this file; it counts as known from now on.",
    ),
    click.option("--ignore", "ignored", multiple=True, metavar="RULE", help="Leave out this rule: its code or name."),
    config_option,
    color_option,
)


def project_root(start: Path) -> Path:
    """The folder of the repository, which services that show reports start from; else the working directory."""
    return next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), start)


def read_known(name: str) -> Baseline:
    """The baseline in a file. Raises click's errors, and BadSettingError for what is no baseline."""
    from skel.findings.baseline import read_baseline

    try:
        return read_baseline(Path(name).read_text("utf-8"), name)
    except FileNotFoundError:
        raise click.ClickException(f"{name}: no such baseline; `--write-baseline {name}` writes it") from None
    except UnicodeDecodeError:
        raise click.ClickException(f"{name}: this is no baseline, it is not UTF-8") from None


def _write_known(findings: Findings, name: str, old: Baseline | None) -> Baseline:
    """Write the new baseline, with the reasons of the old one, which is the same file if no other is named."""
    from skel.cli.output import write_text
    from skel.findings.baseline import Baseline, baseline_text, new_baseline

    if old is None:
        old = read_known(name) if Path(name).exists() else Baseline(name)
    if findings.is_partial:
        click.echo(f"{name} was not written: not everything could be checked", err=True)
        return old
    new = new_baseline(findings, Baseline(name, old.entries))
    text = baseline_text(new).encode()
    write_text(name, lambda file: file.writelines([text]))
    came, went = len(set(new.entries) - set(old.entries)), len(set(old.entries) - set(new.entries))
    click.echo(f"{name}: {len(new.entries)} known findings, {came} new, {went} gone", err=True)
    return new
