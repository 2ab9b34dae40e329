"""What `compare` and `rehearse` have in common: the forms of their report, and tolerances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from skel.cli.config import Config
from skel.cli.findings_options import config_option
from skel.cli.options import color_option, painter

if TYPE_CHECKING:
    from skel.replay.tolerances import Tolerance
    from skel.report.findings.view import View
    from skel.report.runs.render import Shown

FORMS = ("text", "json", "junit", "html")


@dataclass(frozen=True, slots=True)
class RunReporting:
    """The values of the options."""

    output: str = "text"
    output_file: str | None = None
    report: str | None = None
    tolerance: tuple[str, ...] = ()
    config: Config = field(default_factory=Config)
    color: str = "auto"

    def check(self, inputs: tuple[str, ...]) -> None:
        """Refuse what would lose data or the work, before anything is done."""
        from skel.cli.output import refuse_overwrite, refuse_unwritable

        if self.report is not None and self.report == self.output_file:
            raise click.UsageError("--report and --output-file name the same file")
        for path in (self.report, self.output_file):
            refuse_overwrite(path, inputs, "name another file")
        refuse_unwritable(self.report, self.output_file)

    def tolerances(self) -> tuple[Tolerance, ...]:
        """Those asked for, and the defaults. Raises click's errors."""
        from skel.replay.tolerances import BadToleranceError, tolerances

        try:
            return tolerances(self.tolerance)
        except BadToleranceError as error:
            raise click.UsageError(str(error)) from None

    def write(self, found: Shown) -> None:
        """The report, and the page if one is wanted."""
        from skel.cli.output import write_text
        from skel.report.runs.render import render

        text = render(found, self.output, self._view()).encode()
        if self.report is not None:
            page = render(found, "html", self._view()).encode()
            write_text(self.report, lambda file: file.writelines([page]))
        write_text(self.output_file or "-", lambda file: file.writelines([text]))
        if self.report not in {None, "-"}:
            click.echo(f"a page to hand on: {self.report}", err=True)

    def _view(self) -> View:
        from shutil import get_terminal_size

        from skel import __version__
        from skel.report.findings.view import View

        color = "never" if self.output_file and self.color == "auto" else self.color
        width = get_terminal_size((100, 24)).columns
        return View(paint=painter(color), width=width, version=__version__)


def run_report_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options; the verb gets their values as one, `reporting`."""

    @wraps(command)
    def collected(*arguments: Any, **settings: Any) -> int:
        own = {name: settings.pop(name) for name in RunReporting.__dataclass_fields__}
        return command(*arguments, reporting=RunReporting(**own), **settings)

    for option in reversed(_OPTIONS):
        collected = option(collected)
    return collected


_OPTIONS = (
    click.option(
        "--tolerance",
        multiple=True,
        metavar="NAME=VALUE",
        help="How much may differ: latency=20%, pods.pending=2, latency.start-up=20%,0.5s, events=ignore.",
    ),
    click.option("--report", metavar="FILE", help="Write a page with charts as well: one HTML file."),
    click.option("-o", "--output", type=click.Choice(FORMS), default="text", help="Form of the report."),
    click.option("--output-file", metavar="FILE", help="Where the report goes instead of standard output."),
    config_option,
    color_option,
)
