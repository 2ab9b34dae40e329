"""Quantities, durations, versions and images."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.kube.duration import parse_duration
from skel.kube.image import Image, parse_image
from skel.kube.quantity import parse_quantity
from skel.kube.version import version_key


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("500m", "0.5"),
        ("1", "1"),
        ("0", "0"),
        ("1.5Gi", "1610612736"),
        ("1Ki", "1024"),
        ("1k", "1000"),
        ("100n", "0.0000001"),
        ("2u", "0.000002"),
        ("1E", "1000000000000000000"),
        ("1Ei", "1152921504606846976"),
        ("1e3", "1000"),
        ("1E3", "1000"),
        ("1e-3", "0.001"),
        ("-2M", "-2000000"),
        ("+.5", "0.5"),
        ("5.", "5"),
        (3, "3"),
        (2.5, "2.5"),
        ("9" * 60 + "Ei", str(int("9" * 60) * 1024**6)),
    ],
)
def test_quantities(text: str | float, number: str) -> None:
    assert parse_quantity(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a lot",
        "1 Gi",
        "1K",
        "1mi",
        ".",
        "1e",
        "--1",
        "0x1",
        "\u0661",
        "1\n",
        "1e9999",
        True,
        None,
        [1],
        float("nan"),
    ],
)
def test_no_quantities(text: object) -> None:
    assert parse_quantity(text) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h30m", 5400),
        ("500ms", 0.5),
        ("1.5s", 1.5),
        ("-5m", -300),
        ("+1s", 1),
        ("0", 0),
        ("-0", 0),
        ("0.1s0.2s", 0.3),
        (".5s", 0.5),
        ("1.s", 1),
        ("1us", 1e-6),
        ("1\u00b5s", 1e-6),
        ("1\u03bcs", 1e-6),
        ("3ns", 3e-9),
        ("1m1m", 120),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "1d", ".s", "s", "1h 30m", "1h-30m", "1S", "-", "00", "1s\n"])
def test_no_durations(text: str) -> None:
    assert parse_duration(text) is None


IN_ORDER = (
    ("v1alpha1", "v1alpha2", "v1beta1", "v1beta2", "v1beta10", "v1", "v2alpha1", "v2beta1", "v2", "v10"),
    ("1.9", "1.24", "1.24.3", "1.30.0-alpha.1", "1.30.0-alpha.1.20", "1.30.0-rc.1", "1.30", "1.30.1", "2"),
    ("apps/v1beta1", "extensions/v1beta2", "apps/v1"),
)
EQUAL = (("1.25", "v1.25.0", "v1.25.0+k3s1", "1.25-eks-49d8fe8", "v1.25.0-gke.1000"), ("apps/v1", "v1", "1"))


@pytest.mark.parametrize("row", IN_ORDER)
def test_versions_in_order(row: tuple[str, ...]) -> None:
    found = [key for key in map(version_key, row) if key is not None]
    assert len(found) == len(row)
    assert found == sorted(set(found))


@pytest.mark.parametrize("row", EQUAL)
def test_equal_versions(row: tuple[str, ...]) -> None:
    assert len({version_key(text) for text in row}) == 1
    assert version_key(row[0]) is not None


@pytest.mark.parametrize("text", ["", "latest", "v", "1.", ".1", "v1.x", "1 2", "apps/", "vv1", "\u0661"])
def test_no_versions(text: str) -> None:
    assert version_key(text) is None


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("nginx", Image("", "nginx", "nginx", "", "")),
        ("nginx:1.25", Image("", "nginx", "nginx", "1.25", "")),
        ("library/nginx", Image("", "library/nginx", "nginx", "", "")),
        ("localhost/x", Image("localhost", "x", "x", "", "")),
        ("localhost:5000/team/api:latest", Image("localhost:5000", "team/api", "api", "latest", "")),
        ("registry:5000", Image("", "registry", "registry", "5000", "")),
        ("docker.io/a/b:T_1", Image("docker.io", "a/b", "b", "T_1", "")),
        ("[::1]:5000/x", Image("[::1]:5000", "x", "x", "", "")),
        (f"q.io/a:t@sha256:{'0' * 64}", Image("q.io", "a", "a", "t", f"sha256:{'0' * 64}")),
    ],
)
def test_images(text: str, image: Image) -> None:
    assert parse_image(text) == image


@pytest.mark.parametrize(
    "text", ["", "UPPER/x", "a//b", "a:", "a@", "a@sha256:0", "a:t:t", "a b", "/a", "a/", "-a", "q.io/"]
)
def test_no_images(text: str) -> None:
    assert parse_image(text) is None


@given(st.text(alphabet="0123456789.eEimKMsh-+v:/@a", max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    parse_quantity(text)
    parse_duration(text)
    version_key(text)
    parse_image(text)
