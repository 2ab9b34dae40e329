"""Resource quantities: `500m`, `1.5Gi`, `2e3` (k8s.io/apimachinery, `resource.Quantity`)."""

from __future__ import annotations

import re
from decimal import Context, Decimal
from types import MappingProxyType

_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:[0-9]{1,60}(?:\.[0-9]{0,60})?|\.[0-9]{1,60}))"
    r"(?:(?P<unit>[numkMGTPE]|[KMGTPE]i)|[eE](?P<exponent>[+-]?[0-9]{1,3}))?",
    re.ASCII,
)
_DECIMAL_UNITS = {unit: Decimal(1000) ** power for power, unit in enumerate(("n", "u", "m", "", *"kMGTPE"), -3)}
_BINARY_UNITS = {f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", 1)}
_UNITS = MappingProxyType(_DECIMAL_UNITS | _BINARY_UNITS)

# Wide enough for the longest number above times the largest unit: nothing is ever rounded.
_EXACT = Context(prec=200)


def parse_quantity(value: object) -> Decimal | None:
    """The exact number behind a quantity, written as text or number; None for anything else."""
    if isinstance(value, str):
        return _parse(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = Decimal(str(value))
    return number if number.is_finite() else None


def _parse(text: str) -> Decimal | None:
    match = _QUANTITY.fullmatch(text)
    if not match:
        return None
    number = Decimal(match["number"])
    if match["exponent"]:
        return number.scaleb(int(match["exponent"]), _EXACT)
    return _EXACT.multiply(number, _UNITS[match["unit"] or ""])
