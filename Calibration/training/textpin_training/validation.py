"""How well a network finds the texts of whole pictures, at the size that it will be used at."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
import torch

from .boxes import BoxSettings, form_boxes
from .data.readers import LabelledFile
from .networks import Detector
from .pictures import Instance
from .preprocessing import PADDING_COLOUR, network_input
from .scores import Counts

# What `best_settings` tries.
THRESHOLDS = (0.2, 0.25, 0.3, 0.35)
SCORES = (0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65)
UNCLIP_RATIOS = (1.1, 1.2, 1.3, 1.4, 1.5, 1.7, 1.9)


@dataclass(frozen=True)
class FoundMap:
    """A network's map of a picture, float32 [height, width]; how much the picture was scaled for it; the picture's texts."""

    map: np.ndarray
    scale: float
    instances: list[Instance]


def found_maps(network: Detector, files: Sequence[LabelledFile], size: tuple[int, int], device: torch.device, binary: bool = False) -> Iterator[FoundMap]:
    """The probability map of every file, or the approximate binary map. Pictures are scaled down to fit `size` (width, height, multiples of 32), never enlarged,
    and padded right and below, as the product does."""
    network.eval()
    for file in files:
        picture = file.read()
        fitted, scale = fit(picture.pixels, size)
        pixels = network_input(fitted)[None].to(device)
        with torch.inference_mode():
            map_ = network(pixels).binary().sigmoid() if binary else network.probability_map(pixels)
        yield FoundMap(map_[0, 0].float().cpu().numpy(), scale, picture.instances)


def count(maps: Iterable[FoundMap], settings: BoxSettings) -> Counts:
    """Boxes of all maps against their texts."""
    counts = Counts()
    for found in maps:
        boxes, _ = form_boxes(found.map, settings)
        counts.add(list(boxes / found.scale), found.instances)
    return counts


def best_settings(maps: Sequence[FoundMap], settings: BoxSettings) -> BoxSettings:
    """`settings` with the threshold, score and unclip ratio of those tried that give the highest H-mean. To be asked of pictures that nothing else is measured
    on."""
    candidates = [
        dataclasses.replace(settings, threshold=threshold, score=score, unclip=unclip)
        for threshold, score, unclip in product(THRESHOLDS, SCORES, UNCLIP_RATIOS)
    ]
    return max(candidates, key=lambda each: count(maps, each).hmean)


def fit(pixels: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, float]:
    """The picture in the top left of one of `size`, padded with the mean colour, and the scale that it was brought to."""
    height, width = pixels.shape[:2]
    scale = min(size[0] / width, size[1] / height, 1.0)
    if scale < 1.0:
        pixels = cv2.resize(pixels, (max(round(width * scale), 1), max(round(height * scale), 1)), interpolation=cv2.INTER_AREA)
    result = np.empty((size[1], size[0], 3), np.uint8)
    result[:] = PADDING_COLOUR
    result[: pixels.shape[0], : pixels.shape[1]] = pixels
    return result, scale
