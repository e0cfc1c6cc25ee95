"""Labelled pictures from disk: this project's ground_truth.json, ICDAR2015's and Total-Text's text files."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..pictures import Instance, Picture


class DataError(Exception):
    """Data that cannot be read: one sentence that says what, where, and what was expected."""


@dataclass(frozen=True)
class LabelledFile:
    """A picture's file and its instances, in its pixels."""

    path: Path
    instances: list[Instance]

    def read(self) -> Picture:
        """Raises DataError if the file is not a picture."""
        data = np.fromfile(self.path, np.uint8) if self.path.is_file() else np.zeros(0, np.uint8)
        pixels = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB) if data.size else None
        if pixels is None:
            raise DataError(f"{self.path} is not a picture that can be read: a JPEG or PNG file was expected.")
        return Picture(pixels, self.instances, str(self.path))


def read_folder(folder: Path) -> list[LabelledFile]:
    """The labelled files of a folder, in the order of their names, whichever of the three forms it has:

    `ground_truth.json` and `images/`; or `images/` with `labels/gt_NAME.txt` or `labels/NAME.txt` (ICDAR2015: x1,y1,…,x4,y4,text; `###` is ignored) or
    `labels/poly_gt_NAME.txt` (Total-Text: x: [[…]], y: [[…]], … transcriptions: [u'…']; `#` is ignored). Raises DataError.
    """
    if (folder / "ground_truth.json").is_file():
        files = _read_json(folder)
    elif (folder / "labels").is_dir() and (folder / "images").is_dir():
        files = _read_text_files(folder)
    else:
        raise DataError(f"{folder} holds no labelled pictures: ground_truth.json and images/, or images/ and labels/ were expected.")
    if not files:
        raise DataError(f"{folder} holds no labelled pictures: at least one was expected.")
    return sorted(files, key=lambda file: file.path.name)


def _read_json(folder: Path) -> list[LabelledFile]:
    path = folder / "ground_truth.json"
    try:
        images = json.loads(path.read_text(encoding="utf-8"))["images"]
        return [
            LabelledFile(
                folder / "images" / image["file"],
                [
                    _instance(np.array(polygon["points"], np.float32), bool(polygon["ignore"]), str(polygon.get("text", "")), path)
                    for polygon in image["polygons"]
                ],
            )
            for image in images
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f'{path} is not ground truth: {{"images":[{{"file":…,"polygons":[{{"points":…,"ignore":…}}]}}]}} was expected ({error}).') from None


def _read_text_files(folder: Path) -> list[LabelledFile]:
    files = []
    for image in sorted((folder / "images").iterdir()):
        names = [f"gt_{image.stem}.txt", f"{image.stem}.txt", f"poly_gt_{image.stem}.txt"]
        path = next((folder / "labels" / name for name in names if (folder / "labels" / name).is_file()), None)
        if path is None:
            raise DataError(f"{image} has no labels: one of {', '.join(names)} was expected in {folder / 'labels'}.")
        text = path.read_text(encoding="utf-8-sig")
        parse = _total_text_line if path.name.startswith("poly_gt_") else _icdar_line
        joined = re.sub(r"\n(?!x:)", " ", text) if parse is _total_text_line else text
        lines = [line.strip() for line in joined.splitlines()]
        files.append(LabelledFile(image, [parse(line, number, path) for number, line in enumerate(lines, 1) if line]))
    return files


def _icdar_line(line: str, number: int, path: Path) -> Instance:
    parts = line.split(",", 8)
    try:
        points = np.array([float(part) for part in parts[:8]], np.float32).reshape(4, 2)
    except ValueError:
        raise DataError(f"{path}:{number}: eight coordinates and a text, separated by commas, were expected, but it reads '{line[:60]}'.") from None
    text = parts[8] if len(parts) > 8 else ""
    return _instance(points, text in ("###", "*"), text, path)


def _total_text_line(line: str, number: int, path: Path) -> Instance:
    lists = re.findall(r"([xy]): \[\[([-\d\s.]+)\]\]", line)
    text = re.search(r"transcriptions: \[u?(['\"])(.*?)\1\]", line)
    if [name for name, _ in lists] != ["x", "y"] or text is None:
        raise DataError(f"{path}:{number}: x: [[…]], y: [[…]] and transcriptions: […] were expected, but it reads '{line[:60]}'.")
    x, y = (np.array(values.split(), np.float32) for _, values in lists)
    if len(x) != len(y):
        raise DataError(f"{path}:{number}: it has {len(x)} x and {len(y)} y, where as many of both were expected.")
    return _instance(np.stack([x, y], axis=1), text.group(2) == "#", text.group(2), path)


def _instance(points: np.ndarray, ignore: bool, text: str, path: Path) -> Instance:
    if points.ndim != 2 or points.shape[0] < 3 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise DataError(f"{path} has an outline of the shape {list(points.shape)}: at least 3 points of x and y were expected.")
    return Instance(points, ignore, text)
