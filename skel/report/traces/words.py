"""Times, lengths and names of a trace as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from skel.report.moment import moment
from skel.report.terminal import printable
from skel.trace.identity import Identity

_BLOCKS = " ▁▂▃▄▅▆▇█"
CLUSTER = "(no namespace)"


def length(seconds: int) -> str:
    """`1h00m`, `12m30s`, `45s`, `3d4h`: two units at most."""
    days, rest = divmod(abs(seconds), 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    sign = "-" if seconds < 0 else ""
    if days:
        return f"{sign}{days}d{hours}h"
    if hours:
        return f"{sign}{hours}h{minutes:02}m"
    return f"{sign}{minutes}m{left:02}s" if minutes else f"{sign}{left}s"


def after(seconds: int) -> str:
    """`+10m00s`: so long after the start."""
    return f"-{length(-seconds)}" if seconds < 0 else f"+{length(seconds)}"


def span(start: int, end: int) -> str:
    return f"{moment(start)} to {moment(end)}, {length(end - start)}"


def plural(count: int, word: str, many: str = "") -> str:
    return f"{count:,} {word if count == 1 else many or word + 's'}"


def some_of(names: Sequence[str], most: int = 5) -> str:
    """`Deployment, Pod and 3 more`."""
    rest = f" and {len(names) - most:,} more" if len(names) > most else ""
    return printable(", ".join(names[:most])) + rest


def identity_name(who: Identity) -> str:
    """`Deployment/shop/web` of `("apps/v1.Deployment", "shop/web")`."""
    return printable(f"{who[0].rpartition('.')[2]}/{who[1]}")


def sparkline(values: Sequence[int]) -> str:
    """A line of blocks, the highest for the most; anything at all is seen."""
    most = max(values, default=0)
    if not most:
        return ""
    steps = len(_BLOCKS) - 1
    return "".join(_BLOCKS[max(1, round(value / most * steps)) if value else 0] for value in values)
