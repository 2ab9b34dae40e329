"""The page in a real browser: it holds every finding, and the filter shows those that are asked for."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from skel.findings.model import Findings
from skel.findings.severity import Severity
from tests.report.making import one, report
from tests.report.sample import cronjob, sample

BROWSER = Path("/usr/bin/chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_ROW = re.compile(r'<li class="row[^"]*"([^>]*)>')

pytestmark = pytest.mark.skipif(not BROWSER.exists(), reason="there is no Chromium at /usr/bin/chromium")


def opened(findings: Findings, folder: Path, address: str = "") -> str:
    """The elements after the script has run, as text."""
    file = folder / "report.html"
    file.write_text(report(findings, "html"), "utf-8")
    command = [str(BROWSER), *FLAGS, f"--user-data-dir={folder / 'profile'}", "--dump-dom", f"file://{file}#{address}"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=100).stdout


def shown(page: str) -> list[bool]:
    """Of each finding, whether one sees it."""
    return ["hidden" not in attributes for attributes in _ROW.findall(page)]


def many() -> Findings:
    """300 findings: a third each of errors, warnings and remarks, in two releases."""
    levels = list(Severity)
    made = [
        cronjob(f"job-{number:03}", number, hop=f"1.{25 + number % 2}", severity=levels[number % 3])
        for number in range(300)
    ]
    return Findings(tuple(made), target="1.26")


def test_everything_is_there_at_first(tmp_path: Path) -> None:
    page = opened(sample(), tmp_path)
    assert shown(page) == [True] * len(sample())
    assert "8 of 8" in page
    assert "This report is not complete" in page
    assert "moves with the data centre" in page


@pytest.mark.parametrize(
    ("address", "count"),
    [
        ("severity=error", 100),
        ("severity=error,info", 200),
        ("text=job-29", 10),
        ("text=JOB-29 cronjob", 10),
        ("hop=1.25", 150),
        ("hop=1.25&severity=warning&text=job-1", 17),
        ("text=nothing-like-this", 0),
    ],
)
def test_the_address_chooses_what_is_shown(tmp_path: Path, address: str, count: int) -> None:
    page = opened(many(), tmp_path, address.replace(" ", "%20"))
    assert sum(shown(page)) == count
    assert f"{count} of 300" in page
    assert ('id="nothing" class="empty" hidden' in page) is (count > 0)


def test_a_theme_can_be_asked_for(tmp_path: Path) -> None:
    assert '<html lang="en" data-theme="dark">' in opened(one(), tmp_path, "theme=dark")


def test_a_script_in_a_name_does_not_run(tmp_path: Path) -> None:
    name = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    page = opened(one(message=name, title=name, help=name), tmp_path)
    assert "<title>owned</title>" not in page
    assert len(shown(page)) == 1


def test_without_findings_there_is_nothing_to_filter(tmp_path: Path) -> None:
    page = opened(Findings((), target="1.25"), tmp_path)
    assert "No findings." in page
    assert "<form" not in page
