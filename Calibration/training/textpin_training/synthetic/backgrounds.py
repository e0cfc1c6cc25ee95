"""Drawn backgrounds: float32 [height, width, 3], 0 to 255."""

import cv2
import numpy as np

from .words import draw


def clouds(width: int, height: int, cell: float, numbers: np.random.Generator, octaves: int = 3) -> np.ndarray:
    """Smooth noise, float32 [height, width] of deviation about 1, whose largest features are `cell` pixels."""
    total = np.zeros((height, width), np.float32)
    strength = 1.0
    for _ in range(octaves):
        grid = numbers.standard_normal((max(2, round(height / cell)) + 2, max(2, round(width / cell)) + 2), np.float32)
        total += strength * cv2.resize(grid, (width, height), interpolation=cv2.INTER_LINEAR)
        strength *= 0.5
        cell = max(4.0, cell / 3)
    return total


def wall(width: int, height: int, numbers: np.random.Generator) -> np.ndarray:
    """A plastered or painted wall, unevenly lit."""
    colour = numbers.uniform(30, 230) + numbers.normal(0, 15, 3)
    rough = numbers.uniform(0, 14) * clouds(width, height, numbers.uniform(8, 60), numbers)
    stains = numbers.uniform(5, 30) * clouds(width, height, width / 2, numbers, 1)
    return np.clip(colour.astype(np.float32) + (rough + stains)[..., None], 0, 255)


def bricks(width: int, height: int, numbers: np.random.Generator) -> np.ndarray:
    """Bricks, tiles or slabs with joints, every one of its own shade."""
    long, tall = int(numbers.integers(12, 140)), int(numbers.integers(8, 70))
    joint = max(1, round(tall * numbers.uniform(0.03, 0.15)))
    shift = draw((0, long // 2), numbers)
    y, x = np.arange(height)[:, None], np.arange(width)[None, :]
    row = y // tall
    moved = x + (row % 2) * shift
    column = moved // long
    shades = numbers.normal(0, numbers.uniform(2, 18), (int(row.max()) + 1, int(column.max()) + 1)).astype(np.float32)
    colour = (numbers.uniform(50, 210) + numbers.normal(0, 20, 3)).astype(np.float32)
    pixels = colour + shades[row, column][..., None]
    pixels[(moved % long < joint) | (y % tall < joint)] = np.clip(colour + numbers.normal(0, 50), 0, 255)
    pixels += 6 * clouds(width, height, 20, numbers, 2)[..., None]
    return np.clip(pixels, 0, 255)


def blocks(width: int, height: int, numbers: np.random.Generator) -> np.ndarray:
    """Rectangles and bands of many colours out of focus, as shelves, facades and crowds look from afar."""
    pixels = wall(width, height, numbers)
    for _ in range(int(numbers.integers(5, 60))):
        x, y = int(numbers.integers(-50, width)), int(numbers.integers(-50, height))
        extent = np.exp(numbers.uniform(np.log(6), np.log(width / 2), 2)).astype(int)
        colour = numbers.uniform(0, 255) + numbers.normal(0, 35, 3)
        cv2.rectangle(pixels, (x, y), (x + int(extent[0]), y + int(extent[1])), np.clip(colour, 0, 255).tolist(), -1)
    return cv2.blur(pixels, (3, 3)) if numbers.random() < 0.5 else pixels


def drawn_background(width: int, height: int, numbers: np.random.Generator) -> np.ndarray:
    """One of the drawn backgrounds."""
    return draw((wall, bricks, blocks, blocks), numbers)(width, height, numbers)
