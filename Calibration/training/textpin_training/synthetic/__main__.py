"""Writes scenes as JPEG files with their ground truth, so that anyone can look at what a network is trained on."""

import argparse
import json
import os
import sys
from pathlib import Path

import cv2
import numpy as np

from ..pictures import Picture
from .fonts import FontError
from .photographs import PhotographError
from .scenes import SceneGenerator

JPEG_QUALITY = 92


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and 128 <= int(width) <= 4096 and 128 <= int(height) <= 4096):
        raise argparse.ArgumentTypeError(f"'{text}' is not WIDTHxHEIGHT of 128 to 4096 pixels, such as 640x640")
    return int(width), int(height)


def _written(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)


def _outlined(picture: Picture) -> np.ndarray:
    pixels = picture.pixels.copy()
    for instance in picture.instances:
        colour = (255, 160, 0) if instance.ignore else (0, 255, 0)
        # Four bits of fraction; OpenCV's pixel centres are whole numbers.
        points = np.round((instance.points - 0.5) * 16).astype(np.int32)
        cv2.polylines(pixels, [points], True, colour, 1, cv2.LINE_AA, 4)
    return pixels


def main(given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="textpin-train scenes", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="gets images/ and ground_truth.json")
    parser.add_argument("--count", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=_size, default=(640, 640), metavar="WxH")
    parser.add_argument(
        "--photographs",
        type=Path,
        metavar="FOLDER",
        help="a labelled data set: images/ and ground_truth.json; backgrounds",
    )
    parser.add_argument("--outlines", action="store_true", help="draw the words' outlines into the pictures, ignored ones in orange")
    arguments = parser.parse_args(given)
    try:
        photographs = sorted((arguments.photographs / "images").iterdir()) if arguments.photographs else ()
        generator = SceneGenerator(arguments.seed, arguments.size, photographs)
        (arguments.out / "images").mkdir(parents=True, exist_ok=True)
        images = []
        for index in range(arguments.count):
            picture = generator.scene(index)
            pixels = _outlined(picture) if arguments.outlines else picture.pixels
            _, content = cv2.imencode(".jpg", pixels[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))
            name = f"scene_{index:05d}.jpg"
            _written(arguments.out / "images" / name, content.tobytes())
            polygons = [{"points": np.round(one.points.astype(float), 1).tolist(), "ignore": one.ignore, "text": one.text} for one in picture.instances]
            images.append({"file": name, "width": arguments.size[0], "height": arguments.size[1], "polygons": polygons})
        _written(arguments.out / "ground_truth.json", (json.dumps({"images": images}, ensure_ascii=False) + "\n").encode())
    except (FontError, PhotographError) as error:
        print(f"textpin-train: {error}", file=sys.stderr)
        return 65
    except OSError as error:
        print(f"textpin-train: {error.filename}: {error.strerror}", file=sys.stderr)
        return 66
    return 0


if __name__ == "__main__":
    sys.exit(main())
