"""Backgrounds cut out of labelled photographs where no text is."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

# Labels are drawn by hand: letters reach a little beyond them.
MARGIN = 6
# Free rectangles are looked for on a grid this coarse.
CELL = 8
# A smaller region is nothing but blur once enlarged.
LEAST_SIDE = 200


class PhotographError(Exception):
    """The photographs or their ground truth cannot be used; the message is one sentence for the user."""


@dataclass(frozen=True)
class Photograph:
    """A picture file and the polygons of all its texts, the ignored ones too: float32 [n, 2] each."""

    path: Path
    polygons: tuple[np.ndarray, ...]


def labelled(paths: Sequence[Path]) -> tuple[Photograph, ...]:
    """The photographs with the labels of the `ground_truth.json` beside their folder. Throws PhotographError."""
    return tuple(Photograph(path, _truth(path.parent.parent / "ground_truth.json", path.name)) for path in map(Path, paths))


@lru_cache(maxsize=16)
def _polygons(file: Path) -> dict[str, tuple[np.ndarray, ...]]:
    try:
        images = json.loads(file.read_text())["images"]
        return {image["file"]: tuple(_points(polygon["points"]) for polygon in image["polygons"]) for image in images}
    except OSError as error:
        raise PhotographError(f"{file} says where the photographs' texts are, but cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise PhotographError(f"{file} is not ground truth of the form that DESIGN.md describes: {error!r}") from None


def _points(points: list) -> np.ndarray:
    array = np.asarray(points, np.float32)
    if array.ndim != 2 or array.shape[0] < 3 or array.shape[1] != 2 or not np.isfinite(array).all():
        raise ValueError(f"a polygon of shape {array.shape}, not of at least 3 points x, y")
    return array


def _truth(file: Path, name: str) -> tuple[np.ndarray, ...]:
    polygons = _polygons(file)
    if name not in polygons:
        raise PhotographError(f"{file} has no labels for {name}: without them its texts would count as background")
    return polygons[name]


def free_rectangle(extent: tuple[int, int], polygons: Sequence[np.ndarray], numbers: np.random.Generator) -> tuple[int, int, int, int] | None:
    """The largest square that meets no polygon in a picture of width x height, or None if all are too small.

    Returns left, top, right, bottom.
    """
    width, height = extent
    columns, rows = width // CELL, height // CELL
    taken = np.zeros((rows + 2, columns + 2), np.uint8)
    for polygon in polygons:
        (x0, y0), (x1, y1) = polygon.min(axis=0) - MARGIN, polygon.max(axis=0) + MARGIN
        # Whole boxes instead of outlines: simpler, and safe.
        x0, x1 = np.clip((x0 // CELL, x1 // CELL + 1), 0, columns + 1).astype(int)
        y0, y1 = np.clip((y0 // CELL, y1 // CELL + 1), 0, rows + 1).astype(int)
        taken[y0:y1, x0:x1] = 1
    sums = cv2.integral(taken[:rows, :columns])
    for side in range(min(rows, columns), LEAST_SIDE // CELL - 1, -2):
        inside = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
        free = np.argwhere(inside == 0)
        if len(free):
            row, column = free[numbers.integers(len(free))] * CELL
            return int(column), int(row), int(column) + side * CELL, int(row) + side * CELL
    return None


def photograph_background(photographs: Sequence[Photograph], size: tuple[int, int], numbers: np.random.Generator) -> np.ndarray | None:
    """A region without text of one of the photographs, enlarged to width x height; None if three have none.

    Throws PhotographError where a file is not a picture.
    """
    for _ in range(3):
        photograph = photographs[int(numbers.integers(len(photographs)))]
        pixels = cv2.imread(str(photograph.path), cv2.IMREAD_COLOR_RGB)
        if pixels is None:
            raise PhotographError(f"{photograph.path} is not a picture that OpenCV can read: JPEG or PNG is right")
        found = free_rectangle((pixels.shape[1], pixels.shape[0]), photograph.polygons, numbers)
        if found:
            left, top, right, bottom = found
            return _filling(pixels[top:bottom, left:right], size, numbers)
    return None


def _filling(region: np.ndarray, size: tuple[int, int], numbers: np.random.Generator) -> np.ndarray:
    """Enlarged up to two times, then mirrored at its sides until it fills the scene."""
    width, height = size
    scale = min(2.0, max(width / region.shape[1], height / region.shape[0]))
    region = cv2.resize(region, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    if numbers.random() < 0.5:
        region = region[:, ::-1]
    right, below = max(0, width - region.shape[1]), max(0, height - region.shape[0])
    region = cv2.copyMakeBorder(region, 0, below, 0, right, cv2.BORDER_REFLECT)
    return np.ascontiguousarray(region[:height, :width])
