"""Boxes and their count, for validation."""

import cv2
import numpy as np
import pytest

from textpin_training.boxes import BoxSettings, form_boxes
from textpin_training.labels import LabelSettings, label_maps
from textpin_training.pictures import Instance
from textpin_training.scores import Counts, intersection_over_union


def rectangle(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def test_a_perfect_map_gives_back_the_texts():
    turned = cv2.boxPoints(((160, 150), (120, 30), 25.0))
    texts = [Instance(rectangle(20, 20, 140, 50)), Instance(turned)]
    map_ = 0.95 * label_maps(texts, 320, 240, LabelSettings()).text
    boxes, scores = form_boxes(map_, BoxSettings())
    counts = Counts()
    counts.add(list(boxes), texts)
    assert counts.hmean == 1.0
    assert scores == pytest.approx([0.95, 0.95], abs=0.1)


def test_faint_and_small_regions_are_no_boxes():
    map_ = np.zeros((100, 100), np.float32)
    map_[10:20, 10:60] = 0.5  # Above the threshold, below the score.
    map_[40:42, 10:60] = 0.9  # Too thin.
    assert len(form_boxes(map_, BoxSettings())[0]) == 0
    assert len(form_boxes(map_, BoxSettings(score=0.4))[0]) == 1


def test_intersection_over_union_by_hand():
    assert intersection_over_union(rectangle(0, 0, 10, 10), rectangle(5, 0, 15, 10)) == pytest.approx(50 / 150)
    assert intersection_over_union(rectangle(0, 0, 10, 10), rectangle(20, 0, 30, 10)) == 0
    diamond = np.array([[5, 0], [10, 5], [5, 10], [0, 5]], np.float32)
    assert intersection_over_union(rectangle(0, 0, 10, 10), diamond) == pytest.approx(0.5)


def test_ignored_texts_neither_count_nor_spoil():
    counts = Counts()
    texts = [Instance(rectangle(0, 0, 100, 20)), Instance(rectangle(0, 50, 100, 70), ignore=True), Instance(rectangle(0, 90, 100, 110))]
    boxes = [rectangle(2, 1, 98, 21), rectangle(10, 52, 60, 68), rectangle(0, 200, 50, 220)]
    counts.add(boxes, texts)
    # One of two texts found; of three boxes one lies in ignored text.
    assert (counts.found, counts.boxes, counts.texts) == (1, 2, 2)
    assert counts.hmean == pytest.approx(0.5)


def test_a_text_is_found_by_one_box_only():
    counts = Counts()
    counts.add([rectangle(0, 0, 100, 20), rectangle(1, 0, 100, 20)], [Instance(rectangle(0, 0, 100, 20))])
    assert (counts.found, counts.boxes, counts.texts) == (1, 2, 1)
