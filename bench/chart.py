"""A line chart as a small SVG file: axes, one line a series, labels. Enough for two growth curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 120, 36, 48
COLOURS = ("#3f51b5", "#e65100", "#2e7d32")
TICKS = 5

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Chart:
    """`x_label` and `y_label` name the axes with their units; both axes begin at 0."""

    title: str
    x_label: str
    y_label: str
    series: Sequence[Series]

    def svg(self) -> str:
        top_x = max(x for line in self.series for x, _ in line.points)
        top_y = round_up(max(y for line in self.series for _, y in line.points))
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
            f'font-size="12" role="img" aria-label="{escape(self.title)}">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            text(LEFT, 20, self.title, 'font-weight="bold"'),
            text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, self.x_label, 'text-anchor="middle"'),
            f'<g transform="translate(16 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)">'
            + text(0, 0, self.y_label, 'text-anchor="middle"')
            + "</g>",
        ]
        parts += grid(top_x, top_y)
        for number, line in enumerate(self.series):
            parts += curve(line, COLOURS[number % len(COLOURS)], top_x, top_y)
        return "\n".join([*parts, "</svg>", ""])


def round_up(value: float) -> float:
    """The next 1, 2 or 5 times a power of ten: a scale that one can read."""
    power = 10.0 ** len(str(int(value))) / 10 if value >= 1 else 0.1
    return next((step * power for step in (1, 2, 5, 10) if step * power >= value), value)


def place(x: float, y: float, top_x: float, top_y: float) -> Point:
    return (
        round(LEFT + (WIDTH - LEFT - RIGHT) * x / top_x, 1),
        round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * y / top_y, 1),
    )


def text(x: float, y: float, words: str, attributes: str = "") -> str:
    return f'<text x="{x}" y="{y}" {attributes}>{escape(words)}</text>'


def grid(top_x: float, top_y: float) -> list[str]:
    parts = []
    for tick in range(TICKS + 1):
        share = tick / TICKS
        x, y = place(top_x * share, top_y * share, top_x, top_y)
        parts.append(f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(text(LEFT - 6, y + 4, f"{top_y * share:g}", 'text-anchor="end"'))
        parts.append(text(x, HEIGHT - BOTTOM + 16, f"{top_x * share:,.0f}", 'text-anchor="middle"'))
    return parts


def curve(line: Series, colour: str, top_x: float, top_y: float) -> list[str]:
    points = [place(x, y, top_x, top_y) for x, y in line.points]
    path = " ".join(f"{x},{y}" for x, y in points)
    dots = [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in points]
    last_x, last_y = points[-1]
    return [
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
        *dots,
        text(last_x + 8, last_y + 4, line.name, f'fill="{colour}"'),
    ]
