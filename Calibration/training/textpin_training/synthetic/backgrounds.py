"""Drawn backgrounds: uint8 [height, width, 3]."""

import cv2
import numpy as np

from .colours import material_colour
from .words import draw


def clouds(width: int, height: int, cell: float, numbers: np.random.Generator, octaves: int = 3) -> np.ndarray:
    """Smooth noise, float32 [height, width] of deviation about 1, whose largest features are `cell` pixels."""
    total = None
    strength = 1.0
    for _ in range(octaves):
        grid = strength * numbers.standard_normal((max(2, round(height / cell) + 1), max(2, round(width / cell) + 1)), np.float32)
        total = grid if total is None else cv2.resize(total, grid.shape[::-1], interpolation=cv2.INTER_LINEAR) + grid
        strength *= 0.5
        cell = max(3.0, cell / 3)
    return cv2.resize(total, (width, height), interpolation=cv2.INTER_LINEAR)


def wall(width: int, height: int, numbers: np.random.Generator) -> np.ndarray:
    """A plastered, painted or concrete wall, unevenly lit."""
    half = (width // 2, height // 2)
    light = numbers.uniform(4, 25) * clouds(*half, width / 3, numbers, 1)
    rough = numbers.uniform(0, 1) ** 2 * 16 * clouds(*half, numbers.uniform(4, 30), numbers, 2)
    pixels = np.clip(material_colour(numbers) + (light + rough)[..., None], 0, 255).astype(np.uint8)
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR)


def bricks(width: int, height: int, numbers: np.random.Generator) -> np.ndarray:
    """Bricks, tiles or slabs with joints, every one of its own shade."""
    long, tall = int(numbers.integers(12, 140)), int(numbers.integers(8, 70))
    joint = max(1, round(tall * numbers.uniform(0.03, 0.15)))
    shift = draw((0, long // 2), numbers)
    y, x = np.arange(height)[:, None], np.arange(width)[None, :]
    row = y // tall
    moved = x + (row % 2) * shift
    shades = numbers.normal(0, numbers.uniform(2, 18), (height // tall + 1, (width + shift) // long + 1)).astype(np.float32)
    colour = material_colour(numbers)
    palette = np.clip(colour + shades[..., None], 0, 255).astype(np.uint8)
    pixels = palette[row, moved // long]
    pixels[(moved % long < joint) | (y % tall < joint)] = np.clip(colour + numbers.normal(0, 50), 0, 255).astype(np.uint8)
    return pixels


def jumble(width: int, height: int, numbers: np.random.Generator) -> np.ndarray:
    """Rectangles and ellipses of many colours out of focus, as shelves, facades and crowds look from afar."""
    pixels = wall(width, height, numbers)
    for _ in range(int(numbers.integers(8, 70))):
        x, y = int(numbers.integers(-50, width)), int(numbers.integers(-50, height))
        extent = np.exp(numbers.uniform(np.log(5), np.log(width / 2.5), 2)).astype(int)
        colour = material_colour(numbers).tolist()
        if numbers.random() < 0.7:
            cv2.rectangle(pixels, (x, y), (x + int(extent[0]), y + int(extent[1])), colour, -1)
        else:
            cv2.ellipse(pixels, (x, y), (int(extent[0]) // 2, int(extent[1]) // 2), 0, 0, 360, colour, -1)
    reach = int(draw((1, 1, 3, 7, 15), numbers))
    return cv2.blur(pixels, (reach, reach)) if reach > 1 else pixels


def street(width: int, height: int, numbers: np.random.Generator) -> np.ndarray:
    """Ground, walls and sky or ceiling, meeting at a vanishing point."""
    pixels = np.empty((height, width, 3), np.uint8)
    vanishing = np.array([width * numbers.uniform(0.2, 0.8), height * numbers.uniform(0.3, 0.6)])
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    # The far end: a small rectangle that the four planes meet.
    end = vanishing + (corners - vanishing) * numbers.uniform(0.05, 0.4)
    for side in range(4):
        plane = np.array([corners[side], corners[(side + 1) % 4], end[(side + 1) % 4], end[side]])
        cv2.fillConvexPoly(pixels, plane.round().astype(np.int32), material_colour(numbers).tolist())
    cv2.fillConvexPoly(pixels, end.round().astype(np.int32), material_colour(numbers).tolist())
    for _ in range(int(numbers.integers(0, 14))):
        toward = corners[int(numbers.integers(4))] * numbers.uniform(0, 1, 2)
        start = vanishing + (toward - vanishing) * numbers.uniform(0.2, 0.6)
        colour = material_colour(numbers).tolist()
        cv2.line(
            pixels,
            tuple(start.astype(int).tolist()),
            tuple(toward.astype(int).tolist()),
            colour,
            int(numbers.integers(1, 6)),
            cv2.LINE_AA,
        )
    light = numbers.uniform(5, 20) * clouds(width // 4, height // 4, width / 10, numbers, 2)
    shade = cv2.resize(np.clip(128 + light, 0, 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.multiply(pixels, cv2.merge((shade, shade, shade)), scale=1 / 128)


def night(width: int, height: int, numbers: np.random.Generator) -> np.ndarray:
    """Darkness with lamps and lit windows, some out of focus."""
    pixels = (jumble if numbers.random() < 0.5 else street)(width, height, numbers)
    pixels = cv2.convertScaleAbs(pixels, alpha=numbers.uniform(0.08, 0.35))
    lamps = np.zeros_like(pixels)
    for _ in range(int(numbers.integers(3, 40))):
        centre = (int(numbers.integers(width)), int(numbers.integers(height)))
        colour = draw(((255, 240, 210), (255, 190, 90), (250, 90, 60), (120, 200, 255), (240, 250, 255)), numbers)
        cv2.circle(lamps, centre, int(numbers.integers(1, 16)), colour, -1, cv2.LINE_AA)
    glow = cv2.resize(cv2.blur(cv2.resize(lamps, None, fx=0.25, fy=0.25), (9, 9)), (width, height))
    return cv2.add(pixels, cv2.add(lamps, glow))


BACKGROUNDS = (wall, bricks, jumble, jumble, street, street, night)


def drawn_background(width: int, height: int, numbers: np.random.Generator) -> np.ndarray:
    """One of the drawn backgrounds."""
    return draw(BACKGROUNDS, numbers)(width, height, numbers)
