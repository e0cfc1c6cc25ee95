"""Boards that text is written on, and lines arranged on them."""

from dataclasses import dataclass

import cv2
import numpy as np

from .backgrounds import clouds
from .colours import ink_colour
from .fonts import FontFace
from .geometry import Sheet
from .lettering import Line, set_line


def board(width: int, height: int, ground: np.ndarray, numbers: np.random.Generator, rounding: int = 0, border: int = 0) -> Sheet:
    """An empty board of one colour, unevenly lit; perhaps dirty, with a glare, rounded corners or a border."""
    coarse = (max(2, width // 6), max(2, height // 6))
    across = np.linspace(-1, 1, coarse[0], dtype=np.float32)[None, :]
    down = np.linspace(-1, 1, coarse[1], dtype=np.float32)[:, None]
    slope = numbers.normal(0, 12, 2)
    light = slope[0] * across + slope[1] * down
    if numbers.random() < 0.3:
        light = light + numbers.uniform(3, 12) * clouds(*coarse, max(coarse) / 4, numbers, 2)
    if numbers.random() < 0.12:
        x, y = numbers.uniform(-1, 1, 2)
        light = light + numbers.uniform(30, 90) * np.exp(-((across - x) ** 2 + (down - y) ** 2) / numbers.uniform(0.02, 0.3))
    pixels = np.clip(ground + light[..., None], 0, 255).astype(np.uint8)
    pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR)
    if border:
        inset = int(numbers.integers(0, 3)) * border
        colour = ink_colour(ground, 40, numbers).tolist()
        cv2.rectangle(pixels, (inset, inset), (width - 1 - inset, height - 1 - inset), colour, border)
    return Sheet(pixels, _rounded(width, height, rounding))


def _rounded(width: int, height: int, radius: int) -> np.ndarray:
    radius = min(radius, width // 2 - 1, height // 2 - 1)
    if radius <= 0:
        return np.full((height, width), 255, np.uint8)
    alpha = np.zeros((height, width), np.uint8)
    cv2.rectangle(alpha, (radius, 0), (width - 1 - radius, height - 1), 255, -1)
    cv2.rectangle(alpha, (0, radius), (width - 1, height - 1 - radius), 255, -1)
    for x in (radius, width - 1 - radius):
        for y in (radius, height - 1 - radius):
            cv2.circle(alpha, (x, y), radius, 255, -1, cv2.LINE_AA)
    return alpha


def fitting(words: list[str], face: FontFace, size: float, room: int, tracking: float = 0.0, margin: int = 3) -> Line:
    """The line with as many of the words as fit in `room` pixels, a single long word set smaller."""
    line = set_line(words, face, size, tracking, margin)
    while line.width > room and len(words) > 1:
        words = words[: max(1, int(len(words) * room / line.width))] if len(words) > 2 else words[:1]
        line = set_line(words, face, size, tracking, margin)
    if line.width > room:
        line = set_line(words, face, size * max(0.1, (room - 2 * margin) / line.width), tracking, margin)
    return line


@dataclass(frozen=True)
class Arrangement:
    """Lines on a board: how large the board must be, and where the top left corner of each line goes."""

    lines: list[Line]
    places: list[tuple[int, int]]
    width: int
    height: int


def stacked(lines: list[Line], pitch: float, align: float, margin: tuple[int, int], room: int) -> Arrangement:
    """Lines one under the other, the lowest left out until all fit in `room` pixels of height.

    pitch: from baseline to baseline, in heights of the line's ink; lines never overlap.
    align: 0 left, 0.5 centred, 1 right.
    """
    width = max(line.width for line in lines)
    places: list[tuple[int, int]] = []
    bottom, baseline = margin[1], None
    for line in lines:
        top = bottom if baseline is None else max(bottom, round(baseline + pitch * line.height - line.baseline))
        if places and top + line.height + margin[1] > room:
            break
        places.append((margin[0] + round(align * (width - line.width)), top))
        bottom, baseline = top + line.height, top + line.baseline
    return Arrangement(lines[: len(places)], places, width + 2 * margin[0], bottom + margin[1])
