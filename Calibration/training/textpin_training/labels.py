"""The four maps that a DBNet is trained on, from the outlines of the texts in a picture (Liao et al. 2020, section 3.5).

Shrinking and dilating move every edge of a polygon by D = A (1 - r^2) / L, A its area, L its perimeter, with Vatti clipping (pyclipper).
"""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import pyclipper

from .pictures import Instance

# pyclipper computes in integers: a polygon is offset in 1/64 of a pixel.
CLIPPER_SCALE = 64.0


@dataclass(frozen=True)
class LabelSettings:
    """shrink_ratio: r, 0.4 in the paper. threshold_low, threshold_high: the threshold map far from the outline and on it. shortest_side: an instance whose
    smallest enclosing rectangle has a shorter side, in pixels of the training picture, is ignored."""

    shrink_ratio: float = 0.4
    threshold_low: float = 0.3
    threshold_high: float = 0.7
    shortest_side: float = 5.0


class LabelMaps(NamedTuple):
    """All float32 [height, width].

    text: 1 in the shrunk polygons, else 0; text_mask: 0 where an ignored text is, else 1.
    threshold: by distance from the outlines; threshold_mask: 1 in the dilated polygons, else 0.
    """

    text: np.ndarray
    text_mask: np.ndarray
    threshold: np.ndarray
    threshold_mask: np.ndarray


def offset_distance(points: np.ndarray, shrink_ratio: float) -> float:
    """D = A (1 - r^2) / L in pixels, of a polygon [n, 2]; 0 if it has no area."""
    area = abs(polygon_area(points))
    perimeter = float(np.linalg.norm(points - np.roll(points, -1, axis=0), axis=1).sum())
    return area * (1.0 - shrink_ratio**2) / perimeter if perimeter > 0 else 0.0


def polygon_area(points: np.ndarray) -> float:
    """The signed area of a polygon [n, 2], positive if clockwise as seen on a screen (y down)."""
    x, y = points[:, 0].astype(np.float64), points[:, 1].astype(np.float64)
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2.0


def offset_polygon(points: np.ndarray, distance: float) -> list[np.ndarray]:
    """The polygon with every edge moved outwards by `distance` pixels (inwards if negative), corners rounded: as many float32 polygons as come out, none if
    it vanishes."""
    offset = pyclipper.PyclipperOffset(2.0, 0.25 * CLIPPER_SCALE)
    scaled = np.round(points.astype(np.float64) * CLIPPER_SCALE).astype(np.int64)
    try:
        offset.AddPath(scaled.tolist(), pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
    except pyclipper.ClipperException:
        return []  # No area: fewer than three different points.
    return [np.array(path, np.float32) / CLIPPER_SCALE for path in offset.Execute(distance * CLIPPER_SCALE)]


def label_maps(instances: list[Instance], width: int, height: int, settings: LabelSettings) -> LabelMaps:
    """The maps of a picture of this size. Texts that are too small, or vanish when shrunk, are ignored like those that say so."""
    text = np.zeros((height, width), np.float32)
    text_mask = np.ones((height, width), np.float32)
    nearness = np.zeros((height, width), np.float32)
    threshold_mask = np.zeros((height, width), np.float32)
    for instance in instances:
        points = instance.points
        distance = offset_distance(points, settings.shrink_ratio)
        shrunk = offset_polygon(points, -distance) if distance > 0 and not instance.ignore else []
        if not shrunk or min(cv2.minAreaRect(points)[1]) < settings.shortest_side:
            _fill(text_mask, [points], 0.0)
            continue
        _fill(text, shrunk, 1.0)
        _draw_border(nearness, threshold_mask, points, distance)
    span = settings.threshold_high - settings.threshold_low
    return LabelMaps(text, text_mask, settings.threshold_low + span * nearness, threshold_mask)


def _fill(target: np.ndarray, polygons: list[np.ndarray], value: float) -> None:
    cv2.fillPoly(target, [np.round(polygon).astype(np.int32) for polygon in polygons], value)


def _draw_border(nearness: np.ndarray, mask: np.ndarray, points: np.ndarray, distance: float) -> None:
    """Raises `nearness` to 1 - d / D inside the dilated polygon, d a pixel's distance from the outline; where texts are close the nearer outline holds."""
    dilated = offset_polygon(points, distance)
    if not dilated:
        return
    height, width = mask.shape
    corners = np.concatenate(dilated)
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
    right, bottom = min(right, width), min(bottom, height)
    if left >= right or top >= bottom:
        return
    inside = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(inside, [np.round(polygon - (left, top)).astype(np.int32) for polygon in dilated], 1)
    y, x = np.mgrid[top:bottom, left:right].astype(np.float32)
    nearest = np.full(inside.shape, np.inf, np.float32)
    for start, end in zip(points, np.roll(points, -1, axis=0), strict=True):
        np.minimum(nearest, _squared_distance(x, y, start, end), out=nearest)
    value = np.where(inside > 0, 1.0 - np.clip(np.sqrt(nearest) / distance, 0.0, 1.0), 0.0).astype(np.float32)
    region = (slice(top, bottom), slice(left, right))
    nearness[region] = np.maximum(nearness[region], value)
    mask[region] = np.maximum(mask[region], inside)


def _squared_distance(x: np.ndarray, y: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Of every pixel from the segment between two points."""
    dx, dy = end - start
    length = dx * dx + dy * dy
    if length == 0:
        return (x - start[0]) ** 2 + (y - start[1]) ** 2
    along = np.clip(((x - start[0]) * dx + (y - start[1]) * dy) / length, 0.0, 1.0)
    return (x - start[0] - along * dx) ** 2 + (y - start[1] - along * dy) ** 2
