"""What the verbs of `skel fault` that yield reports have in common: the form of the report, and where it is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from skel.cli.options import color_option, painter

if TYPE_CHECKING:
    from skel.faults.model import Report

FORMS = ("text", "json", "junit", "html")


@dataclass(frozen=True, slots=True)
class FaultReporting:
    """The values of the options."""

    output: str = "text"
    output_file: str | None = None
    report: str | None = None
    save: str | None = None
    color: str = "auto"

    def check(self) -> None:
        """Refuse what would lose the work, before anything is done."""
        from skel.cli.output import refuse_unwritable

        refuse_unwritable(self.output_file, self.report, self.save)

    def write(self, reports: Sequence[Report]) -> int:
        """Write all that is asked for; the exit code of the verb."""
        from skel.faults.columns import columns, exit_code
        from skel.faults.stored import encode

        if self.save:
            self._put(self.save, encode(reports))
        if self.report:
            self._put(self.report, self._text(reports, "html"))
            click.echo(f"a page to hand on: {self.report}", err=True)
        self._put(self.output_file or "-", self._text(reports, self.output))
        return exit_code(columns(reports))

    def _text(self, reports: Sequence[Report], form: str) -> bytes:
        from shutil import get_terminal_size

        from skel import __version__
        from skel.report.faults.render import render
        from skel.report.findings.view import View

        color = "never" if self.output_file and self.color == "auto" else self.color
        view = View(paint=painter(color), width=get_terminal_size((100, 24)).columns, version=__version__)
        return render(reports, form, view).encode()

    @staticmethod
    def _put(path: str, data: bytes) -> None:
        from skel.cli.output import write_text

        write_text(path, lambda file: file.writelines([data]))


def fault_report_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options; the verb gets their values as one, `reporting`."""

    @wraps(command)
    def called(
        output: str, output_file: str | None, report: str | None, save: str | None, color: str, **settings: Any
    ) -> int:
        reporting = FaultReporting(output, output_file, report, save, color)
        reporting.check()
        return command(reporting=reporting, **settings)

    for option in reversed(_OPTIONS):
        called = option(called)
    return called


_OPTIONS = (
    click.option("-o", "--output", type=click.Choice(FORMS), default="text", help="Form of the report."),
    click.option("--output-file", metavar="FILE", help="Write it here instead of standard output."),
    click.option("--report", metavar="FILE.html", help="Write a page as well; it holds the reports for later."),
    click.option("--save", metavar="FILE.json", help="Keep the reports whole, for `check` and `shrink`."),
    color_option,
)
