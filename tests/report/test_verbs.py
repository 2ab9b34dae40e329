"""Options, settings and exit codes, the same for each verb that returns findings."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from skel.cli.config import FORMS
from skel.cli.findings_options import Reporting, findings_options
from skel.findings.model import Findings, Location, Problem, Scanned
from skel.findings.severity import Severity
from tests.report.sample import cronjob, lint

ERROR = cronjob("backup", 1)
WARNING = cronjob("report", 2, severity=Severity.WARNING, code="KU200", rule="kubernetes/soft")
BROKEN = Problem(Location("a.yaml", line=1), "no YAML")


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str


Call = Callable[..., Ended]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    """Run a verb that finds what it is told, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1735787045")

    def run(*arguments: str, found: Findings | None = None, verb: str = "check") -> Ended:
        @click.group()
        def skel() -> None: ...

        @skel.command(verb)
        @click.option("--to", "target", default="1.36")
        @click.option("--strict", is_flag=True)
        @findings_options
        def command(target: str, strict: bool, reporting: Reporting) -> int:
            assert isinstance(strict, bool)
            told = found if found is not None else Findings((ERROR, WARNING), target=target)
            return reporting.finish(told)

        try:
            code = skel.main([verb, *arguments], prog_name="skel", standalone_mode=False)
        except click.ClickException as error:
            return Ended(2, capfd.readouterr().out, error.format_message())
        return Ended(code, *capfd.readouterr())

    return run


@pytest.mark.parametrize("form", FORMS)
def test_the_exit_code_is_the_same_for_each_form(call: Call, form: str) -> None:
    soft = Findings((WARNING,))
    assert call("-o", form).code == 1
    assert call("-o", form, found=soft).code == 1
    assert call("-o", form, "--fail-on", "removed", found=soft).code == 0
    assert call("-o", form, "--fail-on", "never").code == 0
    assert call("-o", form, "--exit-zero").code == 0
    assert call("-o", form, found=Findings(())).code == 0
    assert call("-o", form, "--exit-zero", "--fail-on", "never", found=Findings((), problems=(BROKEN,))).code == 2


def test_only_the_report_is_on_standard_output(call: Call) -> None:
    ended = call("-o", "json", "--write-baseline", "known.json")
    assert json.loads(ended.out)["summary"]["suppressed"] == 2
    assert ended.err == "known.json: 2 known findings, 2 new, 0 gone\n"


def test_a_report_goes_to_a_file(call: Call) -> None:
    ended = call("-o", "json", "--output-file", "report.json")
    assert (ended.code, ended.out) == (1, "")
    assert json.loads(Path("report.json").read_text())["summary"]["total"] == 2


def test_a_report_does_not_replace_what_was_read(call: Call) -> None:
    Path("in.yaml").write_text("a")
    ended = call("--output-file", "in.yaml", found=Findings((ERROR,), scanned=Scanned(("in.yaml",))))
    assert ended.code == 2
    assert "the output in.yaml is the input" in ended.err
    assert Path("in.yaml").read_text() == "a"


def test_nothing_is_written_where_something_would_be_lost(call: Call) -> None:
    Path("in.yaml").write_text("a")
    found = Findings((ERROR,), scanned=Scanned(("in.yaml",)))
    assert call("--write-baseline", "new.json", "--output-file", "in.yaml", found=found).code == 2
    assert not Path("new.json").exists()
    assert call("--write-baseline", "in.yaml", found=found).code == 2
    assert Path("in.yaml").read_text() == "a"


def test_the_date_of_a_page_can_be_set(call: Call) -> None:
    assert "on 2025-01-02." in call("-o", "html").out


def test_a_baseline_hides_what_it_knows(call: Call) -> None:
    assert call("--write-baseline", "known.json").code == 0
    again = call("-o", "json", "--baseline", "known.json")
    assert (again.code, json.loads(again.out)["summary"]["total"]) == (0, 0)
    new = call("-o", "json", "--baseline", "known.json", found=Findings((ERROR, WARNING, cronjob("new", 3))))
    assert (new.code, json.loads(new.out)["summary"]["total"]) == (1, 1)


def test_writing_a_baseline_twice_writes_the_same(call: Call) -> None:
    call("--write-baseline", "known.json")
    first = Path("known.json").read_text()
    assert call("--write-baseline", "known.json").err == "known.json: 2 known findings, 0 new, 0 gone\n"
    assert Path("known.json").read_text() == first


def test_a_baseline_is_not_written_where_input_is_missing(call: Call) -> None:
    ended = call("--write-baseline", "known.json", found=Findings((ERROR,), problems=(BROKEN,)))
    assert ended.code == 2
    assert "known.json was not written" in ended.err
    assert not Path("known.json").exists()


@pytest.mark.parametrize(
    ("text", "words"), [(None, "no such baseline"), ("{", "is no JSON"), ("{}", "has no list `entries`")]
)
def test_a_baseline_that_is_none_is_refused(call: Call, text: str | None, words: str) -> None:
    if text is not None:
        Path("known.json").write_text(text)
    ended = call("--baseline", "known.json")
    assert ended.code == 2
    assert words in ended.err
    assert "--write-baseline known.json" in ended.err


@pytest.mark.parametrize("rule", ["KU112", "cronjob-batch-v1", "kubernetes/cronjob*"])
def test_a_rule_can_be_left_out(call: Call, rule: str) -> None:
    document = json.loads(call("-o", "json", "--ignore", rule).out)
    assert [entry["code"] for entry in document["findings"]] == ["KU200"]
    assert document["suppressed"][0]["by"] == "--ignore"


def settings(text: str, name: str = "skel.toml") -> None:
    Path(name).write_text(text, "utf-8")


def test_the_file_sets_options_and_ignores(call: Call) -> None:
    settings(
        """
        fail-on = "removed"
        [[ignore]]
        kind = "CronJob"
        name = "backup"
        reason = "gone in May"
        expires = 2025-05-31
        [check]
        output = "json"
        to = "1.29"
        strict = true
        """
    )
    ended = call()
    document = json.loads(ended.out)
    assert ended.code == 0
    assert document["target"] == "1.29"
    assert [(entry["reason"], entry["by"]) for entry in document["suppressed"]] == [("gone in May", "skel.toml")]


def test_an_option_goes_before_the_environment_and_that_before_the_file(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings('output = "csv"\n')
    assert call().out.startswith("severity,")
    monkeypatch.setenv("SKEL_OUTPUT", "json")
    assert call().out.startswith("{")
    assert call("-o", "github").out.startswith("::")


def test_a_project_file_counts_if_it_speaks_of_skel(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    settings('[tool.skel]\noutput = "csv"\n[[tool.skel.ignore]]\ncode = "KU*"\nreason = "x"\n', "pyproject.toml")
    inner = Path("a/b")
    inner.mkdir(parents=True)
    (inner / "pyproject.toml").write_text("[tool.other]\n")
    monkeypatch.chdir(inner)
    assert call().out.startswith("severity,")
    assert call("--config", "none").out.startswith("Release")


def test_skel_toml_goes_before_the_project_file(call: Call) -> None:
    settings('[tool.skel]\noutput = "csv"\n', "pyproject.toml")
    settings('output = "json"\n')
    assert call().out.startswith("{")


def test_files_are_named_from_where_the_settings_are(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    call("--write-baseline", "known.json")
    settings('baseline = "known.json"\n')
    Path("inner").mkdir()
    monkeypatch.chdir("inner")
    assert call().code == 0


def test_the_table_of_another_verb_is_not_looked_at(call: Call) -> None:
    settings('[lint]\noutput = "csv"\nwhatever = 1\n[[check.ignore]]\ncode = "L*"\nreason = "x"\n')
    assert call("-o", "json").code == 1
    found = Findings((lint(),), tool="lint")
    assert "there is no setting `whatever`" in call(found=found, verb="lint").err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("output = ", "this is no TOML"),
        ("outptu = 1", "did you mean `output`?"),
        ("[chekc]\n", "did you mean `check`?"),
        ('output = "word"', "'word' is not one of"),
        ("[check]\nexit-zero = 1", "exit-zero must be true or false, not 1"),
        ("[check]\nbaselin = 1", "did you mean `baseline`?"),
        ('[check]\nwrite-baseline = "x"', "there is no setting `write-baseline`"),
        ("check = 1", "`check` must be a table"),
        ("ignore = 1", "write [[ignore]]"),
        ('[[ignore]]\ncode = "A"', "ignore 1 has no reason"),
    ],
)
def test_a_wrong_setting_is_told_with_its_file(call: Call, text: str, words: str) -> None:
    settings(text)
    ended = call()
    assert (ended.code, ended.out) == (2, "")
    assert "skel.toml" in ended.err
    assert words in ended.err
    assert call("--config", "none").code == 1


def test_a_file_that_is_asked_for_must_be_there(call: Call) -> None:
    assert "no such configuration file" in call("--config", "other.toml").err


def test_ignores_that_are_over_or_cover_nothing_are_told(call: Call) -> None:
    settings('[[ignore]]\ncode = "KU112"\nreason = "x"\nexpires = 2025-01-01\n[[ignore]]\ncode = "X"\nreason = "x"\n')
    ended = call()
    assert ended.code == 1
    assert "ignore 1 of skel.toml (code=KU112) ended on 2025-01-01" in " ".join(ended.out.split())
    assert "ignore 2 of skel.toml (code=X): covers nothing" in ended.out
