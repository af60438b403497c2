"""A line chart as SVG: the same numbers give the same file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import floor, log10

WIDTH, HEIGHT = 560, 340
LEFT, RIGHT, TOP, BOTTOM = 60, 110, 40, 70
COLOURS = ("#0b5fa5", "#c2410c", "#15803d", "#6d28d9")


def line_chart(
    title: str, places: Sequence[str], series: Mapping[str, Sequence[float]], below: str
) -> str:
    """Lines over equally spaced places; a place is its label, "/" starts its second line."""
    top = _round_up(max(max(values) for values in series.values()))

    def x(place: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (place + 0.5) / len(places)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top

    parts = [_text(LEFT, 22, title, "start", "bold")]
    for tick in range(5):
        value = top * tick / 4
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" '
            'stroke="#d4d4d4"/>'
        )
        parts.append(_text(LEFT - 8, y(value) + 4, f"{value:g}", "end"))
    for place, label in enumerate(places):
        for line, words in enumerate(label.split("/")):
            parts.append(_text(x(place), HEIGHT - BOTTOM + 18 + 15 * line, words, "middle"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, below, "middle"))
    for colour, (name, values) in zip(COLOURS, series.items(), strict=False):
        points = " ".join(f"{x(n):.1f},{y(value):.1f}" for n, value in enumerate(values))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}"/>')
        parts += [
            f'<circle cx="{x(n):.1f}" cy="{y(value):.1f}" r="3" fill="{colour}"/>'
            for n, value in enumerate(values)
        ]
        end = x(len(values) - 1) + 10
        parts.append(_text(end, y(values[-1]) + 4, name, "start", colour=colour))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="12">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n{body}\n</svg>\n'
    )


def _round_up(value: float) -> float:
    """The least of 1, 2, 4, 8 times a power of ten that is not below the value."""
    power = 10.0 ** floor(log10(value))
    return next((n * power for n in (1, 2, 4, 8) if n * power >= value), 10 * power)


def _text(
    x: float, y: float, words: str, anchor: str, weight: str = "normal", colour: str = "#262626"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" '
        f'fill="{colour}">{escape(words)}</text>'
    )
