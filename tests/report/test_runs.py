from __future__ import annotations

import io
import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from skel.cli.run_reports import FORMS as OFFERED
from skel.replay.compare import compare
from skel.report.runs.render import FORMS, Shown, render
from skel.report.terminal import Paint
from tests.replay.runs import a_run, pod_lines, request
from tests.report import golden, run_samples
from tests.report.making import view
from tests.report.published import junit_schema
from tests.report.test_page import BROWSER, FLAGS

SAMPLES: dict[str, Callable[[Path], Shown]] = {
    "comparison": run_samples.a_comparison,
    "noise": run_samples.with_noise,
    "same": run_samples.the_same,
    "run": run_samples.an_account,
    "run-empty": run_samples.an_empty_account,
    "ready": run_samples.ready,
    "not-ready": run_samples.not_ready,
}
ENDINGS = {"text": "txt", "json": "json", "junit": "junit.xml", "html": "html"}
EXIT_CODES = {"comparison": 1, "noise": 2, "same": 0, "run": 1, "run-empty": 2, "ready": 0, "not-ready": 1}
EVERY = pytest.mark.parametrize("sample", SAMPLES)


@EVERY
@pytest.mark.parametrize("form", FORMS)
def test_golden(tmp_path: Path, sample: str, form: str) -> None:
    golden.check(f"runs/{sample}.{ENDINGS[form]}", render(SAMPLES[sample](tmp_path), form, view()))


def test_colour_and_a_narrow_terminal(tmp_path: Path) -> None:
    found = run_samples.not_ready(tmp_path)
    golden.check("runs/narrow.ansi", render(found, "text", view(paint=Paint(color=True), width=60)))


def test_every_form_is_offered() -> None:
    assert tuple(FORMS) == OFFERED


@EVERY
def test_the_exit_code_agrees_with_the_cases(tmp_path: Path, sample: str) -> None:
    found = SAMPLES[sample](tmp_path)
    outcomes: Counter[str] = Counter()
    for case in ET.fromstring(render(found, "junit", view())).iter("testcase"):
        outcomes[next((child.tag for child in case), "passed")] += 1
    assert found.exit_code == EXIT_CODES[sample]
    assert (outcomes["failure"] > 0, outcomes["error"] > 0) >= (found.exit_code == 1, found.exit_code == 2)
    assert bool(outcomes["failure"] or outcomes["error"]) is (found.exit_code > 0)


@EVERY
def test_junit_fits_the_published_schema(tmp_path: Path, sample: str) -> None:
    schema = xmlschema.XMLSchema(io.StringIO(junit_schema()))
    schema.validate(io.StringIO(render(SAMPLES[sample](tmp_path), "junit", view()).partition("\n")[2]))


@EVERY
def test_json_has_a_schema_version_and_names_its_verdict(tmp_path: Path, sample: str) -> None:
    found = json.loads(render(SAMPLES[sample](tmp_path), "json", view()))
    assert found["schemaVersion"] == 1
    assert found["tool"] in {"compare", "replay", "rehearse"}


@pytest.mark.parametrize("form", FORMS)
def test_what_a_server_says_can_do_no_harm(tmp_path: Path, form: str) -> None:
    """Neither speak to the terminal, nor run in a browser, nor tell a secret."""
    name = '\x1b[31m<script>document.title="owned"</script>'
    said = "token=ghp_0123456789abcdefghijklmnopqrstuvwxyz is not allowed"
    bad = request(0, name, "rejected", message=said, warnings=[f"<b>{said}</b>"], kind="<i>")
    one, other = a_run(tmp_path / "a", [request(0, name, kind="<i>")]), a_run(tmp_path / "b", [bad])
    text = render(compare([one], [other]), form, view())
    assert "ghp_" not in text
    assert "\x1b" not in text
    assert form in {"text", "json"} or not re.search("<script>document|<b>token|<b>&lt;|<i>", text)


def test_a_message_without_end_is_only_long(tmp_path: Path) -> None:
    one = a_run(tmp_path / "a", [request(0)])
    other = a_run(tmp_path / "b", [request(0, verdict="rejected", message="x " * 20_000)])
    assert render(compare([one], [other]), "text", view()).count("x ") > 10_000


def opened(found: Shown, folder: Path, address: str = "") -> str:
    """The elements after the script has run, as text; what the browser complained about stands behind them."""
    if not BROWSER.exists():
        pytest.skip("there is no Chromium at /usr/bin/chromium")
    file = folder / "report.html"
    file.write_text(render(found, "html", view()), "utf-8")
    command = [str(BROWSER), *FLAGS, "--enable-logging=stderr", f"--user-data-dir={folder / 'profile'}", "--dump-dom"]
    done = subprocess.run(
        [*command, f"file://{file}#{address}"], check=True, capture_output=True, text=True, timeout=100
    )
    return done.stdout + "".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


def test_the_page_in_a_browser(tmp_path: Path) -> None:
    page = opened(run_samples.ready(tmp_path), tmp_path, "theme=dark")
    assert '<html lang="en" data-theme="dark">' in page
    assert 'id="theme" class="quiet">' in page
    assert "Ready for 1.25, once migrated." in page
    assert page.count("<svg") == 3 + 3
    assert "CONSOLE" not in page
    for word in ("CronJob/shop/report", "SM001", "skel migrate shop.sktrace --from 1.24 --to 1.25"):
        assert word in page


def test_charts_have_one_scale_and_say_what_they_show(tmp_path: Path) -> None:
    text = render(run_samples.a_comparison(tmp_path), "html", view())
    charts = re.findall(r"<figure.*?</figure>", text, re.DOTALL)
    assert [re.findall(r"<figcaption>(.*?)<", chart)[0] for chart in charts] == [
        "before",
        "after",
        "Pending",
        "Running",
        "Succeeded",
    ]
    assert len({re.findall(r'class="scale" x="54" y="14">(.*?)<', chart)[0] for chart in charts[:2]}) == 1
    assert all("aria-label" in chart for chart in charts)
    assert "0:00 to 1:00: 1 accepted, 2 rejected" in charts[1]
    assert "before 0, after 2" in charts[2]


@pytest.mark.slow
def test_a_big_comparison_is_a_page_that_opens(tmp_path: Path) -> None:
    lines = [request(float(number), f"web-{number % 3000}") for number in range(20_000)]
    bad = [{**line, "verdict": "rejected", "message": f"no {number % 700}"} for number, line in enumerate(lines)]
    pods = [line for number in range(1000) for line in pod_lines(number, 20.0 * number)]
    found = compare([a_run(tmp_path / "a", lines, pods=pods)], [a_run(tmp_path / "b", bad, pods=pods)])
    page = opened(found, tmp_path)
    assert "20,000 requests with another outcome" in page
    assert len(page) < 5_000_000
