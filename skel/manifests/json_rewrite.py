"""Patched JSON: written anew with the indentation it had."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from skel.manifests.errors import RewriteError
from skel.patch.operations import Operation, PatchError, apply

_INDENT = re.compile(r"\{\r?\n(?P<indent>[ \t]+)")


def rewrite_json(text: str, operations: Sequence[Operation]) -> str:
    """One document; `text` has nothing before and behind it. Raises RewriteError."""
    try:
        # Numbers that nobody touches keep all their digits.
        value = apply(json.loads(text), operations)
    except PatchError as error:
        raise RewriteError(f"the change does not fit what stands here: {error}", "read the file again") from None
    except RecursionError:
        raise RewriteError("this document is nested too deeply to be rewritten", "make the change by hand") from None
    found = _INDENT.search(text)
    separators = (",", ": ") if found else (", ", ": ") if re.search(r'":\s', text) else (",", ":")
    indent = found["indent"] if found else None
    new = json.dumps(value, indent=indent, separators=separators, ensure_ascii=text.isascii())
    return new.replace("\n", "\r\n") if "\r\n" in text else new
