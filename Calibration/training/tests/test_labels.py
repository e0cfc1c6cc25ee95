"""Label maps against cases worked out by hand."""

import numpy as np
import pytest

from textpin_training.labels import LabelSettings, label_maps, offset_distance, offset_polygon, polygon_area
from textpin_training.pictures import Instance

SETTINGS = LabelSettings()


def rectangle(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def test_distance_is_area_times_one_minus_ratio_squared_over_perimeter():
    # 100 x 20: A = 2000, L = 240, 1 - 0.4^2 = 0.84, so D = 7.
    assert offset_distance(rectangle(0, 0, 100, 20), 0.4) == pytest.approx(7.0)
    # The direction in which a polygon is given does not matter.
    assert offset_distance(rectangle(0, 0, 100, 20)[::-1], 0.4) == pytest.approx(7.0)


def test_area_is_positive_clockwise_on_a_screen():
    assert polygon_area(rectangle(0, 0, 100, 20)) == pytest.approx(2000)
    assert polygon_area(rectangle(0, 0, 100, 20)[::-1]) == pytest.approx(-2000)


def test_shrinking_moves_every_edge_inwards():
    (shrunk,) = offset_polygon(rectangle(10, 10, 110, 30), -7.0)
    assert shrunk.min(axis=0) == pytest.approx([17, 17], abs=0.05)
    assert shrunk.max(axis=0) == pytest.approx([103, 23], abs=0.05)


def test_a_polygon_can_vanish_or_fall_apart():
    assert offset_polygon(rectangle(0, 0, 100, 10), -6.0) == []
    # Two squares of 40 joined by a bar 4 high: shrunk by 3 the bar is gone.
    dumbbell = np.array([[0, 0], [40, 0], [40, 18], [80, 18], [80, 0], [120, 0], [120, 40], [80, 40], [80, 22], [40, 22], [40, 40], [0, 40]], np.float32)
    assert len(offset_polygon(dumbbell, -3.0)) == 2


def test_maps_of_one_rectangle():
    # D = 7 again: shrunk to x 27..113, y 37..43; dilated to x 13..127, y 23..57.
    maps = label_maps([Instance(rectangle(20, 30, 120, 50))], 160, 80, SETTINGS)
    assert maps.text[40, 28:112].min() == 1
    assert maps.text[40, :26].max() == 0 and maps.text[40, 115:].max() == 0
    assert maps.text[:35].max() == 0 and maps.text[46:].max() == 0
    assert maps.text_mask.min() == 1
    # On the outline 0.7; 3.5 pixels from it, inside or outside, half way to 0.3; in the middle of the text, 10 pixels away, 0.3.
    assert maps.threshold[30, 70] == pytest.approx(0.7, abs=1e-6)
    assert maps.threshold[50, 70] == pytest.approx(0.7, abs=1e-6)
    assert maps.threshold[33, 70] == pytest.approx(0.3 + 0.4 * 4 / 7, abs=1e-6)
    assert maps.threshold[27, 70] == pytest.approx(0.3 + 0.4 * 4 / 7, abs=1e-6)
    assert maps.threshold[40, 70] == pytest.approx(0.3, abs=1e-6)
    assert maps.threshold[10, 70] == pytest.approx(0.3, abs=1e-6)
    assert maps.threshold_mask[25:56, 70].min() == 1
    assert maps.threshold_mask[:22].max() == 0 and maps.threshold_mask[59:].max() == 0


def test_the_nearer_outline_holds_where_texts_are_close():
    # Both D = 7; between them 4 pixels: half way, 2 pixels from each outline.
    close = [Instance(rectangle(20, 10, 120, 30)), Instance(rectangle(20, 34, 120, 54))]
    maps = label_maps(close, 160, 80, SETTINGS)
    assert maps.threshold[32, 70] == pytest.approx(0.3 + 0.4 * 5 / 7, abs=1e-6)
    assert maps.threshold[31, 70] == pytest.approx(0.3 + 0.4 * 6 / 7, abs=1e-6)


@pytest.mark.parametrize(
    ("instance", "shortest_side"),
    [
        (Instance(rectangle(20, 30, 120, 50), ignore=True), 5.0),
        (Instance(rectangle(20, 30, 120, 34)), 5.0),
        # No polygon vanishes when shrunk by less than A / L, which its inscribed circle exceeds, but one thinner than pyclipper's grid does.
        (Instance(rectangle(20, 30, 120, 30.005)), 0.0),
    ],
    ids=["ignored", "small", "vanishing"],
)
def test_what_is_ignored_teaches_neither_map(instance: Instance, shortest_side: float):
    maps = label_maps([instance], 160, 80, LabelSettings(shortest_side=shortest_side))
    assert maps.text.max() == 0
    assert maps.threshold_mask.max() == 0
    assert maps.text_mask.min() == 0
    assert maps.text_mask[:, :18].min() == 1 and maps.text_mask[:, 123:].min() == 1


def test_an_instance_that_leaves_the_picture_is_cut_at_its_edge():
    maps = label_maps([Instance(rectangle(-50, -10, 50, 10))], 40, 40, SETTINGS)
    assert maps.text[0, 20] == 1
    assert maps.threshold[10, 20] == pytest.approx(0.7, abs=1e-6)
    maps = label_maps([Instance(rectangle(-50, -60, -10, -40))], 40, 40, SETTINGS)
    assert maps.text.max() == 0 and maps.threshold_mask.max() == 0


def test_points_in_one_line_are_ignored():
    maps = label_maps([Instance(np.array([[0, 0], [10, 10], [20, 20]], np.float32))], 40, 40, SETTINGS)
    assert maps.text.max() == 0 and maps.threshold_mask.max() == 0
