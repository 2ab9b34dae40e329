"""The order of versions: of APIs (`v1alpha1 v1beta1 v1 v2`) and of releases (`1.24 1.24.3 1.30.0-rc.1 1.30`)."""

from __future__ import annotations

import re

VersionKey = tuple[tuple[int, ...], tuple[tuple[int, int, str], ...]]
"""Numbers without zeros at the end, then the steps before the release; compare keys with `<`."""

_VERSION = re.compile(
    r"v?(?P<numbers>[0-9]{1,18}(?:\.[0-9]{1,18}){0,9})"
    r"(?:-?(?P<stage>(?:alpha|beta|rc|pre|dev|snapshot)(?:[.-]?[0-9]{1,18}|\.[0-9a-z]{1,40}){0,9}))?"
    r"(?P<build>[-+~_][0-9A-Za-z.+~_-]*)?",
    re.ASCII | re.IGNORECASE,
)
_STAGE_PART = re.compile(r"[0-9]+|[a-z]+", re.ASCII)

# Above every stage before the release.
_RELEASED = ((2, 0, ""),)


def version_key(text: str) -> VersionKey | None:
    """A key that orders versions, None for a text that is no version.

    Of `group/version` the part behind the slash counts. `1.25` equals `1.25.0` and `v1.25.0+k3s1`: builds of a vendor,
    with any suffix that names no stage (`-eks-49d8fe8`), are the release that they are built from.
    """
    match = _VERSION.fullmatch(text.rpartition("/")[2])
    if not match:
        return None
    numbers = [int(number) for number in match["numbers"].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    stage = (match["stage"] or "").lower()
    return tuple(numbers), tuple(map(_stage_part, _STAGE_PART.findall(stage))) or _RELEASED


def _stage_part(part: str) -> tuple[int, int, str]:
    """Numbers go before words, as in semantic versioning."""
    return (0, int(part), "") if part.isdigit() else (1, 0, part)
