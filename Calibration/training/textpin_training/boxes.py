"""Boxes from a probability map, for validation while training; the product's own are made by TextDetection, in integers."""

from dataclasses import dataclass

import cv2
import numpy as np

from .labels import offset_polygon, polygon_area


@dataclass(frozen=True)
class BoxSettings:
    """threshold: of the probability map. score: the least mean probability in a box. unclip: r' of D' = A' r' / L'. Sides in pixels of the map, before and
    after unclipping."""

    threshold: float = 0.3
    score: float = 0.6
    unclip: float = 1.5
    least_side: float = 3.0
    least_unclipped_side: float = 5.0
    candidates: int = 1000


def form_boxes(map_: np.ndarray, settings: BoxSettings) -> tuple[np.ndarray, np.ndarray]:
    """Boxes of a probability map [height, width]: float32 [n, 4, 2] in its pixels, and their scores [n]."""
    binary = (map_ > settings.threshold).astype(np.uint8)
    contours, _ = cv2.findContours(binary, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    boxes, scores = [], []
    for contour in contours[: settings.candidates]:
        rectangle = cv2.boxPoints(cv2.minAreaRect(contour))
        sides = np.linalg.norm(rectangle - np.roll(rectangle, -1, axis=0), axis=1)
        if sides.min() < settings.least_side:
            continue
        score = mean_inside(map_, rectangle)
        if score < settings.score:
            continue
        expanded = offset_polygon(rectangle, abs(polygon_area(rectangle)) * settings.unclip / sides.sum())
        if not expanded:
            continue
        middle, size, angle = cv2.minAreaRect(np.concatenate(expanded))
        if min(size) < settings.least_unclipped_side:
            continue
        boxes.append(cv2.boxPoints((middle, size, angle)))
        scores.append(score)
    return np.array(boxes, np.float32).reshape(-1, 4, 2), np.array(scores, np.float32)


def mean_inside(map_: np.ndarray, polygon: np.ndarray) -> float:
    """The mean of the map in a polygon; 0 if it holds no pixel."""
    height, width = map_.shape
    left, top = np.clip(np.floor(polygon.min(axis=0)).astype(int), 0, (width - 1, height - 1))
    right, bottom = np.clip(np.ceil(polygon.max(axis=0)).astype(int), 0, (width - 1, height - 1)) + 1
    mask = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(mask, [np.round(polygon - (left, top)).astype(np.int32)], 1)
    return cv2.mean(map_[top:bottom, left:right], mask)[0]
