from __future__ import annotations

from dataclasses import replace

import pytest

from skel.cli.config import FORMS as OFFERED
from skel.findings.model import Findings, Scanned
from skel.report.findings.render import FORMS
from skel.report.terminal import Paint
from tests.report import golden
from tests.report.making import report
from tests.report.sample import sample

ENDINGS = {
    "text": "txt",
    "wide": "wide.txt",
    "markdown": "md",
    "junit": "junit.xml",
    "sarif": "sarif",
    "github": "github.txt",
    "html": "html",
}
NOTHING = Findings((), scanned=Scanned(("prod.sktrace",), objects=31, events=25, rules=96), target="1.25", data="all")


@pytest.mark.parametrize("form", FORMS)
def test_sample(form: str) -> None:
    golden.check(f"sample.{ENDINGS.get(form, form)}", report(sample(), form))


@pytest.mark.parametrize("form", FORMS)
def test_nothing_found(form: str) -> None:
    golden.check(f"nothing.{ENDINGS.get(form, form)}", report(NOTHING, form))


def test_colour_and_a_narrow_terminal() -> None:
    golden.check("narrow.ansi", report(sample(), "text", paint=Paint(color=True), width=60))


def test_every_form_is_offered() -> None:
    assert tuple(FORMS) == OFFERED


@pytest.mark.parametrize("form", FORMS)
def test_the_order_of_what_is_found_makes_no_difference(form: str) -> None:
    found = sample()
    turned = replace(
        found,
        findings=found.findings[::-1],
        not_checked=found.not_checked[::-1],
        problems=found.problems[::-1],
        suppressed=found.suppressed[::-1],
    )
    assert report(turned, form) == report(found, form)


@pytest.mark.parametrize("form", ["text", "wide", "markdown", "html", "github"])
def test_every_report_for_people_tells_what_was_not_checked(form: str) -> None:
    text = report(sample(), form)
    for words in ("1,250 objects", "31 events", "14 files", "96 rules", "argoproj.io/v1alpha1 Application", "1.36"):
        assert words in text
    assert "manifests/broken.yaml:3:7" in text


def test_a_line_of_a_program_is_shown_only_if_it_is_there() -> None:
    assert '2 | delete(apiVersion == "batch/v1beta1"' in report(sample(), "text")
    assert " --> rules/old.skel:2:22" in report(sample(), "text", read=lambda _: None)
    assert " --> rules/old.skel:2:22" in report(sample(), "text", read=lambda _: "# one line\n")
