"""Plain scalars by the rules of kubectl. The table is what kubectl 1.32 says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.manifests.scalars import NotJsonError, json_number, key_text, resolve
from tests.manifests.kubectl import kubectl_reads

BIG = 12345678901234567890.0

TABLE = {
    # Booleans of YAML 1.1, `y` and `n` as well.
    "y": True, "Yes": True, "on": True, "ON": True, "true": True, "True": True,
    "n": False, "NO": False, "off": False, "FALSE": False,
    "yES": "yES", "oN": "oN", "tRUE": "tRUE",
    "": None, "~": None, "null": None, "Null": None, "nULL": "nULL", "nil": "nil", "None": "None",
    # Integers of every base.
    "0": 0, "12": 12, "+1": 1, "-5": -5, "014": 12, "0o14": 12, "0O17": 15, "0x1F": 31, "0X1F": 31, "+0x1": 1,
    "0b101": 5, "0B11": 3, "-0b11": -3, "1_000": 1000, "1__0": 10, "0_7": 7, "0x_1": 1,
    "9223372036854775807": 2**63 - 1, "9223372036854775808": float(2**63), "-9223372036854775809": -float(2**63),
    "12345678901234567890": BIG, "0xFFFFFFFFFFFFFFFF": float(2**64), "0x1FFFFFFFFFFFFFFFF": "0x1FFFFFFFFFFFFFFFF",
    # Not octal after all: a decimal number.
    "08": 8, "09.5": 9.5, "0_8": 8, "0o8": "0o8", "0b": "0b", "0b2": "0b2",
    # Floats; those without a fraction are integers.
    ".5": 0.5, "+.5": 0.5, "1.": 1, "1.0": 1, "1.5e3": 1500, "1e3": 1000, "1E5": 100000, "1e-7": 1e-7, "-0.0": 0,
    ".5_0": 0.5, "1_0.5": 10.5, "1e400": "1e400", "._1": "._1", "12345678901234567890.0": BIG, "1e22": 1e22,
    "900719925474099300.5": 900719925474099300,
    # Text after all.
    "_1": "_1", "0x1p4": "0x1p4", "1.2.3": "1.2.3", "1:30": "1:30", "12:30:45": "12:30:45",
    "190:20:30.15": "190:20:30.15",
    "2001-01-01": "2001-01-01", "2001-01-01T00:00:00Z": "2001-01-01T00:00:00Z",
    ".inf_": ".inf_", ".Infinity": ".Infinity",
    ".": ".", ".e1": ".e1", "-": "-", "+": "+", "=": "=", "<<": "<<", "1Gi": "1Gi", "100m": "100m", "1.25": 1.25,
}  # fmt: skip

KEYS = {
    "y": "true", "on": "true", "n": "false", "1.5": "1.5", "0x10": "16", "1e21": "1e+21", "1234567.0": "1.234567e+06",
    "012": "10", "2001-01-01": "2001-01-01", "0.1": "0.1", "1.0": "1", "18446744073709551616": "1.8446744e+19",
    "~": None, "18446744073709551615": None, "app": "app", "1e400": "1e400", "1e300": ".inf", "": None,
    ".inf": ".inf", "-.Inf": "-.inf", "+.INF": ".inf", ".NaN": ".nan", "0.00001": "1e-05",
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), TABLE.items())
def test_a_plain_scalar_is_what_it_is_for_kubectl(text: str, value: Any) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize(("text", "key"), KEYS.items())
def test_a_plain_key_is_the_text_that_kubectl_makes_of_it(text: str, key: str | None) -> None:
    assert key_text(text) == key


@pytest.mark.parametrize("text", [".inf", "-.Inf", "+.INF", ".nan", ".NaN"])
def test_what_json_has_no_word_for_is_refused(text: str) -> None:
    with pytest.raises(NotJsonError):
        resolve(text)


@given(st.text(alphabet="0123456789+-._eExXoObBaAfFyYnN~:", max_size=12))
def test_any_scalar_is_a_value_of_json(text: str) -> None:
    try:
        value = resolve(text)
    except NotJsonError:
        return
    assert json.loads(json.dumps(value, allow_nan=False)) == value
    assert key_text(text) is None or isinstance(key_text(text), str)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_without_a_fraction_is_an_integer_if_it_fits(number: float) -> None:
    value = json_number(number)
    assert value == number or abs(value - number) <= abs(number) * 1e-15
    assert isinstance(value, int) == (number.is_integer() and abs(number) < 2**63)


HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


def test_kubectl_says_the_same_of_the_whole_table() -> None:
    table = {text: value for text, value in TABLE.items() if text != "-"}
    entries = "".join(f"- v: {text}\n" for text in table)
    said = [item["v"] for item in kubectl_reads(f"{HEAD}data:\n{entries}")["data"]]
    # Beyond 64 bits it prints the digits of a float.
    assert [json_number(value) if type(value) is int else value for value in said] == list(table.values())


def test_kubectl_says_the_same_of_keys() -> None:
    keys = {text: key for text, key in KEYS.items() if key is not None}
    entries = "".join(f"- {{{text}: 1}}\n" for text in keys)
    assert [list(item) for item in kubectl_reads(f"{HEAD}data:\n{entries}")["data"]] == [[key] for key in keys.values()]
