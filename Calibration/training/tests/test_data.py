"""Readers, augmentation and samples."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn import drawn_pictures, write_folder

from textpin_training.data.augmentation import AugmentationSettings, augment
from textpin_training.data.camera import CameraFaults, motion_kernel
from textpin_training.data.readers import DataError, read_folder
from textpin_training.data.samples import MixSettings, Samples, batches
from textpin_training.labels import LabelSettings, polygon_area
from textpin_training.pictures import Instance, Picture
from textpin_training.preprocessing import PADDING_COLOUR

NO_FAULTS = CameraFaults(light=0, colour=0, low_light=0, blur=0, motion=0, noise=0, jpeg=0)
ALL_FAULTS = CameraFaults(light=1, colour=1, low_light=1, blur=1, motion=1, noise=1, jpeg=1)


def write_picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.zeros((40, 60, 3), np.uint8))


def test_ground_truth_json(tmp_path: Path):
    pictures = drawn_pictures()
    write_folder(tmp_path / "data", pictures)
    files = read_folder(tmp_path / "data")
    assert [file.path.name for file in files] == [picture.name for picture in pictures]
    read = files[0].read()
    assert np.array_equal(read.pixels, pictures[0].pixels)
    assert [instance.points.tolist() for instance in read.instances] == [instance.points.tolist() for instance in pictures[0].instances]


def test_icdar_text_files(tmp_path: Path):
    write_picture(tmp_path / "images" / "img_1.jpg")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "gt_img_1.txt").write_text("1,2,11,2,11,8,1,8,Exit, left\n5,5,9,5,9,9,5,9,###\n", encoding="utf-8-sig")
    (file,) = read_folder(tmp_path)
    assert file.instances[0].points.tolist() == [[1, 2], [11, 2], [11, 8], [1, 8]]
    assert [(instance.text, instance.ignore) for instance in file.instances] == [("Exit, left", False), ("###", True)]


def test_total_text_files(tmp_path: Path):
    write_picture(tmp_path / "images" / "img11.jpg")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "poly_gt_img11.txt").write_text(
        "x: [[10 20 30\n 30 20 10]], y: [[1 2 1 9 8 9]], ornt: [u'c'], transcriptions: [u'CAFE']\n"
        "x: [[1 5 5 1]], y: [[1 1 5 5]], ornt: [u'#'], transcriptions: [u'#']\n"
    )
    (file,) = read_folder(tmp_path)
    assert file.instances[0].points.tolist() == [[10, 1], [20, 2], [30, 1], [30, 9], [20, 8], [10, 9]]
    assert [(instance.text, instance.ignore) for instance in file.instances] == [("CAFE", False), ("#", True)]


@pytest.mark.parametrize(
    ("truth", "message"),
    [
        ("{", "is not ground truth"),
        ('{"images":[{"file":"a.png"}]}', "is not ground truth"),
        ('{"images":[{"file":"a.png","polygons":[{"points":[[1,2],[3,4]],"ignore":false}]}]}', "at least 3 points"),
        ('{"images":[]}', "at least one was expected"),
    ],
)
def test_ground_truth_that_is_wrong_is_told(tmp_path: Path, truth: str, message: str):
    (tmp_path / "ground_truth.json").write_text(truth)
    with pytest.raises(DataError, match=message):
        read_folder(tmp_path)


def test_other_faults_of_folders(tmp_path: Path):
    with pytest.raises(DataError, match="holds no labelled pictures"):
        read_folder(tmp_path)
    write_picture(tmp_path / "images" / "img_1.jpg")
    (tmp_path / "labels").mkdir()
    with pytest.raises(DataError, match=r"has no labels: one of gt_img_1.txt, img_1.txt, poly_gt_img_1.txt"):
        read_folder(tmp_path)
    (tmp_path / "labels" / "img_1.txt").write_text("1,2,3\n")
    with pytest.raises(DataError, match=r"img_1.txt:1: eight coordinates"):
        read_folder(tmp_path)
    broken = tmp_path / "broken"
    (broken / "images").mkdir(parents=True)
    (broken / "images" / "a.png").write_text("no picture")
    (broken / "ground_truth.json").write_text(json.dumps({"images": [{"file": "a.png", "polygons": []}]}))
    with pytest.raises(DataError, match="is not a picture"):
        read_folder(broken)[0].read()


def marked_picture(random: np.random.Generator) -> Picture:
    """A black picture with bright parallelograms, each the outline of an instance."""
    pixels = np.zeros((300, 400, 3), np.uint8)
    instances = []
    for left, top in [(40, 30), (220, 60), (60, 180), (250, 200)]:
        points = np.array([[left, top], [left + 90, top + 10], [left + 95, top + 45], [left + 5, top + 35]], np.float32)
        cv2.fillPoly(pixels, [points.astype(np.int32)], (255, 255, 255))
        instances.append(Instance(points, ignore=bool(random.random() < 0.2)))
    return Picture(pixels, instances)


def test_outlines_go_where_the_pixels_go():
    settings = AugmentationSettings(size=256, scale=(0.4, 2.0), rotation=10.0, camera=NO_FAULTS)
    random = np.random.default_rng(1)
    covered = 0
    for _ in range(40):
        crop = augment(marked_picture(random), settings, random)
        assert crop.pixels.shape == (256, 256, 3)
        inside = np.zeros((256, 256), np.uint8)
        for instance in crop.instances:
            assert polygon_area(instance.points) > 0  # Clockwise, mirrored or not.
            cv2.fillPoly(inside, [np.round(instance.points).astype(np.int32)], 1)
        near = cv2.dilate(inside, np.ones((7, 7), np.uint8))
        core = cv2.erode(inside, np.ones((7, 7), np.uint8), borderValue=1)
        bright = crop.pixels[..., 0] > 200
        # The ground outside the picture is grey, 124; marked pixels are white. At the crop's edge both may be cut.
        assert not (bright & (near == 0))[2:-2, 2:-2].any()
        assert bright[2:-2, 2:-2][core[2:-2, 2:-2] > 0].all()
        covered += int(bright.sum())
    assert covered > 40 * 500


def test_a_text_that_is_cut_is_ignored_and_one_outside_is_gone():
    picture = Picture(np.zeros((100, 400, 3), np.uint8), [Instance(np.array([[0, 40], [400, 40], [400, 60], [0, 60]], np.float32))])
    settings = AugmentationSettings(size=96, scale=(1.0, 1.0), rotation=0.0, stretch=1.0, flip=0.0, text_share=0.0, overhang=0.0, camera=NO_FAULTS)
    crops = [augment(picture, settings, np.random.default_rng(seed)) for seed in range(20)]
    assert all(instance.ignore for crop in crops for instance in crop.instances)
    assert all(len(crop.instances) == 1 for crop in crops)
    corner = replace(picture, instances=[Instance(np.array([[0, 0], [10, 0], [10, 10], [0, 10]], np.float32))])
    counts = {len(augment(corner, settings, np.random.default_rng(seed)).instances) for seed in range(20)}
    assert counts == {0, 1}


@pytest.mark.parametrize("faults", [NO_FAULTS, ALL_FAULTS])
@pytest.mark.parametrize(("overhang", "hanging"), [(0.0, 0), (1.0, 20)])
def test_some_crops_reach_over_the_edge(overhang: float, hanging: int, faults: CameraFaults):
    # A text in the picture's corner is never laid so near to the crop's.
    corner = Instance(np.array([[0, 0], [8, 0], [8, 8], [0, 8]], np.float32))
    picture = Picture(np.zeros((300, 300, 3), np.uint8), [corner])
    settings = AugmentationSettings(size=96, scale=(1.0, 1.0), rotation=0.0, stretch=1.0, flip=0.0, text_share=1.0, overhang=overhang, camera=faults)
    crops = [augment(picture, settings, np.random.default_rng(seed)) for seed in range(20)]
    # The padding is the product's, whatever the camera does to the picture.
    assert sum((crop.pixels == PADDING_COLOUR).all(axis=2).any() for crop in crops) == hanging


@pytest.mark.parametrize("length", [3, 4, 7])
def test_motion_spreads_a_point_along_a_line(length: int):
    kernel = motion_kernel(length, 0.0)
    assert kernel.sum() == pytest.approx(1.0)
    assert (kernel.sum(axis=1) > 0).sum() == 1
    assert abs((kernel.sum(axis=0) > 0).sum() - length) <= 1


def test_a_sample_depends_on_its_number_alone(tmp_path: Path):
    write_folder(tmp_path / "data", drawn_pictures())
    files = read_folder(tmp_path / "data")

    def samples() -> Samples:
        return Samples(files, MixSettings(synthetic=0.0, seed=3), AugmentationSettings(size=96), LabelSettings())

    straight = batches(samples(), 2, 0, 0, 1, workers=0)
    third = [next(straight) for _ in range(3)][2]
    direct = next(batches(samples(), 2, 2, 0, 1, workers=2))
    assert (third[0] == direct[0]).all()
    assert all((first == second).all() for first, second in zip(third[1], direct[1], strict=True))
    # Two ranks share what one would have seen as a batch of twice the size.
    ranks = [next(batches(samples(), 2, 1, rank, 2, workers=0))[0] for rank in range(2)]
    alone = next(batches(samples(), 4, 1, 0, 1, workers=0))[0]
    assert (np.concatenate(ranks) == alone.numpy()).all()


def test_every_file_comes_once_before_any_comes_again(tmp_path: Path):
    write_folder(tmp_path / "data", drawn_pictures())
    samples = Samples(read_folder(tmp_path / "data"), MixSettings(synthetic=0.0), AugmentationSettings(size=96), LabelSettings())
    names = [samples.picture(index).name for index in range(12)]
    assert all(len(set(names[start : start + 4])) == 4 for start in (0, 4, 8))
    assert len({tuple(names[start : start + 4]) for start in (0, 4, 8)}) > 1
