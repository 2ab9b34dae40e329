"""What programs read fits the schema that is published with the documentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from skel.findings.model import Findings
from skel.findings.severity import Severity
from skel.patch.operations import Add, Copy, Move, Remove, Replace, Test, export
from tests.report.making import report
from tests.report.sample import sample
from tests.report.test_hostile import HOSTILE, everywhere

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs" / "findings.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
EVERYTHING = [sample(), Findings(()), *map(everywhere, HOSTILE)]


@pytest.mark.parametrize("number", range(len(EVERYTHING)))
def test_json_fits_the_schema(number: int) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(json.loads(report(EVERYTHING[number], "json")))] == []


def test_yaml_is_the_same_document() -> None:
    assert yaml.safe_load(report(sample(), "yaml")) == json.loads(report(sample(), "json"))


def test_the_schema_itself_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_document_with_something_else_does_not_fit() -> None:
    document = json.loads(report(sample(), "json"))
    del document["findings"][0]["code"]
    document["findings"][1]["more"] = 1
    assert len(list(VALIDATOR.iter_errors(document))) == 2


def test_every_operation_fits() -> None:
    everything = (
        Add(("a",), 1),
        Remove(("a",)),
        Replace((), {}),
        Move(("a",), ("b",)),
        Copy(("a", 0), ("b",)),
        Test((), None),
    )
    validator = VALIDATOR.evolve(schema={"$ref": "#/$defs/operation", "$defs": SCHEMA["$defs"]})
    assert [error.message for entry in export(everything) for error in validator.iter_errors(entry)] == []


def test_the_summary_counts_what_is_there() -> None:
    document: dict[str, Any] = json.loads(report(sample(), "json"))
    found = document["findings"]
    summary = document["summary"]
    assert summary["total"] == len(found) == len(sample())
    for severity, key in zip(Severity, ("errors", "warnings", "infos"), strict=True):
        assert summary[key] == sum(entry["severity"] == severity for entry in found)
    assert summary["stale"] == sum(entry["stale"] for entry in found) == 1
    assert summary["notChecked"] == 15
    assert document["partial"] is True
