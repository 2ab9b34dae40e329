"""PyYAML's parser: the one in C, or the one in Python where PyYAML came without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

# A loader is a parser and a constructor; nothing is constructed here.
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def events_of(text: str) -> Callable[[], Any]:
    """A call gives the next event. Raises YAMLError."""
    get_event: Callable[[], Any] = _Parser(text).get_event
    return get_event
