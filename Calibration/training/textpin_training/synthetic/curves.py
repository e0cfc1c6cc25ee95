"""Lines bent onto arcs and waves, their words' outlines with them."""

import cv2
import numpy as np

from .geometry import Word
from .lettering import Line

# Points on each long side of a bent word: it stays within a hundredth of the word's length of the true curve.
POINTS_PER_SIDE = 7


def _sides(outline: np.ndarray) -> np.ndarray:
    """A box (4 corners) as 2n points: along the top from left to right, back along the bottom."""
    along = np.linspace(0, 1, POINTS_PER_SIDE)[:, None]
    top_left, top_right, bottom_right, bottom_left = outline
    return np.vstack([top_left + along * (top_right - top_left), bottom_right + along * (bottom_left - bottom_right)])


def on_arc(line: Line, radius: float) -> Line:
    """The line on a circle of this radius at its middle: upwards like a rainbow if positive, like a smile if negative.

    The radius is at least the line's height, and at least a sixth of its width, or it would meet itself.
    """
    height, width = line.ink.shape
    sign = 1.0 if radius > 0 else -1.0
    radius = max(abs(radius), 1.2 * height, width / 5)

    def forward(points: np.ndarray) -> np.ndarray:
        angle = (points[:, 0] - width / 2) / radius
        from_centre = radius - sign * (points[:, 1] - height / 2)
        return np.column_stack([from_centre * np.sin(angle), sign * (radius - from_centre * np.cos(angle))])

    def backward(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        above = radius - sign * y
        return np.arctan2(x, above) * radius + width / 2, sign * (radius - np.hypot(x, above)) + height / 2

    return _bent(line, forward, backward)


def on_wave(line: Line, amplitude: float, length: float) -> Line:
    """The line on a sine wave, as cloth hangs; all three in pixels."""

    def lift(x: np.ndarray) -> np.ndarray:
        return amplitude * np.sin(2 * np.pi * x / length)

    def forward(points: np.ndarray) -> np.ndarray:
        return np.column_stack([points[:, 0], points[:, 1] + lift(points[:, 0])])

    def backward(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return x, y - lift(x)

    return _bent(line, forward, backward)


def _bent(line: Line, forward, backward) -> Line:
    """The line through a map of the plane and its inverse; the new array is as large as the bent line needs."""
    height, width = line.ink.shape
    across = np.linspace(0, width, 33)
    rim = forward(np.vstack([np.column_stack([across, np.zeros(33)]), np.column_stack([across, np.full(33, height)])]))
    low, high = np.floor(rim.min(axis=0)).astype(int) - 1, np.ceil(rim.max(axis=0)).astype(int) + 1
    x, y = np.meshgrid(np.arange(low[0], high[0]) + 0.5, np.arange(low[1], high[1]) + 0.5)
    from_x, from_y = backward(x, y)
    ink = cv2.remap(line.ink, (from_x - 0.5).astype(np.float32), (from_y - 0.5).astype(np.float32), cv2.INTER_LINEAR)
    words = [Word(word.text, forward(_sides(word.outline)) - low) for word in line.words]
    return Line(ink, float(ink.shape[0] / 2), words)
