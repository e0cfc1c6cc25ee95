"""Pictures drawn for tests: words whose outlines are known."""

import json
from pathlib import Path

import cv2
import numpy as np

from textpin_training.pictures import Instance, Picture

WORDS = [
    [("EXIT", 20, 60), ("GATE", 120, 110), ("LEVEL", 30, 160)],
    [("OPEN", 70, 50), ("DAILY", 40, 120)],
    [("BUS", 30, 90), ("STOP", 110, 140)],
    [("PLATE", 50, 100)],
]


def drawn_pictures(side: int = 192) -> list[Picture]:
    """Four pictures of dark words on a light ground, the outline of each word a rectangle around its ink."""
    pictures = []
    for number, words in enumerate(WORDS):
        pixels = np.full((side, side, 3), 200, np.uint8)
        instances = []
        for word, x, y in words:
            (width, height), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, 0.8, 2)
            cv2.putText(pixels, word, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (30, 40, 50), 2)
            left, top, right, bottom = x - 3, y - height - 3, x + width + 3, y + 4
            instances.append(Instance(np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32), text=word))
        pictures.append(Picture(pixels, instances, f"picture-{number}.png"))
    return pictures


def write_folder(folder: Path, pictures: list[Picture]) -> None:
    """As DESIGN.md's ground_truth.json and images/."""
    (folder / "images").mkdir(parents=True)
    images = []
    for picture in pictures:
        cv2.imwrite(str(folder / "images" / picture.name), picture.pixels[..., ::-1])
        polygons = [{"points": instance.points.tolist(), "ignore": instance.ignore} for instance in picture.instances]
        height, width = picture.pixels.shape[:2]
        images.append({"file": picture.name, "width": width, "height": height, "polygons": polygons})
    (folder / "ground_truth.json").write_text(json.dumps({"images": images}), encoding="utf-8")
