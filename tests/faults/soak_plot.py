"""Draw what `scripts/faults soak` measured, as an SVG that can be read on white and on black."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

MIB = 1024 * 1024
WIDTH, LEFT, RIGHT = 860, 60, 20
PANEL, GAP, TOP, BOTTOM = 150, 44, 34, 40
COLOURS = ("#2f81f7", "#d9822b")
GREY = "#808890"
FONT = 'font-family="system-ui, sans-serif" font-size="13"'


@dataclass(frozen=True)
class Sample:
    """What the server's process held, some seconds after the first client came. In bytes."""

    seconds: float
    rss: int
    own: int  # is no file's, and nobody else's
    pss: int
    tasks: int
    descriptors: int


PANELS: tuple[tuple[str, Callable[[Sample], float]], ...] = (
    ("RSS, MiB", lambda sample: sample.rss / MIB),
    ("own memory, MiB", lambda sample: sample.own / MIB),
    ("PSS, MiB", lambda sample: sample.pss / MIB),
    ("tasks", lambda sample: sample.tasks),
    ("file descriptors", lambda sample: sample.descriptors),
)


def drawn(measured: Mapping[str, Sequence[Sample]], beginning: float) -> str:
    """Draw a panel for each quantity that was measured, with a line for each server. beginning: in seconds, which are marked."""
    last = max((sample.seconds for samples in measured.values() for sample in samples), default=0.0) or 1.0
    panels = [
        (title, value) for title, value in PANELS if any(value(sample) for samples in measured.values() for sample in samples)
    ]
    height = TOP + len(panels) * (PANEL + GAP) - GAP + BOTTOM
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" {FONT} fill="{GREY}">']
    lines += [f"<title>Memory, tasks and file descriptors in {last / 60:.0f} minutes</title>"]
    for place, name in enumerate(measured):
        x = LEFT + place * 120
        lines.append(f'<path d="M{x} 14h24" stroke="{COLOURS[place]}" stroke-width="3"/><text x="{x + 30}" y="18">{name}</text>')
    for place, (title, value) in enumerate(panels):
        values = {name: [(sample.seconds, value(sample)) for sample in samples] for name, samples in measured.items()}
        lines += _panel(TOP + place * (PANEL + GAP), title, values, last, beginning)
    for minute in range(0, round(last / 60) + 1, 5):
        lines.append(f'<text x="{_x(minute * 60, last):.1f}" y="{height - 16}" text-anchor="middle">{minute}</text>')
    lines.append(f'<text x="{WIDTH - RIGHT}" y="{height - 1}" text-anchor="end">minutes</text>')
    return "\n".join([*lines, "</svg>", ""])


def _panel(top: int, title: str, values: Mapping[str, Sequence[tuple[float, float]]], last: float, beginning: float) -> list[str]:
    most = 1.15 * max((value for points in values.values() for _, value in points), default=1.0)
    bottom = top + PANEL
    lines = [f'<text x="{LEFT}" y="{top + 10}">{title}</text>']
    for part in (0.0, 0.5, 1.0):
        y, told = bottom - part * (PANEL - 24), part * most
        lines.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{GREY}" stroke-opacity=".3"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{told:.0f}</text>')
    x = _x(beginning, last)
    lines.append(f'<path d="M{x:.1f} {top + 20}V{bottom}" stroke="{GREY}" stroke-dasharray="4 4"/>')
    for colour, points in zip(COLOURS, values.values(), strict=False):
        path = " ".join(f"{_x(seconds, last):.1f},{bottom - value / most * (PANEL - 24):.1f}" for seconds, value in points)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
    return lines


def _x(seconds: float, last: float) -> float:
    return LEFT + seconds / last * (WIDTH - LEFT - RIGHT)
