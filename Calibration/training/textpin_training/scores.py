"""Precision, recall and H-mean as ICDAR2015 counts them: a box finds a text if their intersection over union is above 0.5; what lies in ignored text by
more than half does not count."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyclipper

from .labels import CLIPPER_SCALE, polygon_area
from .pictures import Instance


@dataclass
class Counts:
    """Over all pictures so far."""

    found: int = 0
    boxes: int = 0
    texts: int = 0

    @property
    def precision(self) -> float:
        return self.found / self.boxes if self.boxes else 0.0

    @property
    def recall(self) -> float:
        return self.found / self.texts if self.texts else 0.0

    @property
    def hmean(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def add(self, boxes: Sequence[np.ndarray], instances: Sequence[Instance]) -> None:
        """Counts a picture: every text is found by one box at most, the first that fits."""
        ignored = [instance.points for instance in instances if instance.ignore]
        texts = [instance.points for instance in instances if not instance.ignore]
        counted = [box for box in boxes if not any(intersection(box, each) > 0.5 * abs(polygon_area(box)) for each in ignored)]
        taken: set[int] = set()
        for text in texts:
            for index, box in enumerate(counted):
                if index not in taken and intersection_over_union(text, box) > 0.5:
                    taken.add(index)
                    break
        self.found += len(taken)
        self.boxes += len(counted)
        self.texts += len(texts)


def intersection(first: np.ndarray, second: np.ndarray) -> float:
    """The area that two polygons share, in square pixels."""
    if (first.max(axis=0) <= second.min(axis=0)).any() or (second.max(axis=0) <= first.min(axis=0)).any():
        return 0.0
    clipper = pyclipper.Pyclipper()
    try:
        clipper.AddPath(np.round(first * CLIPPER_SCALE).astype(np.int64).tolist(), pyclipper.PT_SUBJECT)
        clipper.AddPath(np.round(second * CLIPPER_SCALE).astype(np.int64).tolist(), pyclipper.PT_CLIP)
    except pyclipper.ClipperException:
        return 0.0  # One of them has no area.
    paths = clipper.Execute(pyclipper.CT_INTERSECTION, pyclipper.PFT_NONZERO, pyclipper.PFT_NONZERO)
    return sum(abs(polygon_area(np.array(path))) for path in paths) / CLIPPER_SCALE**2


def intersection_over_union(first: np.ndarray, second: np.ndarray) -> float:
    shared = intersection(first, second)
    union = abs(polygon_area(first)) + abs(polygon_area(second)) - shared
    return shared / union if union > 0 else 0.0
