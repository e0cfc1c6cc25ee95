"""How well a network finds the texts of whole pictures, at the size that it will be used at."""

from collections.abc import Sequence

import cv2
import numpy as np
import torch

from .boxes import BoxSettings, form_boxes
from .data.readers import LabelledFile
from .networks import Detector
from .preprocessing import network_input
from .scores import Counts


def validate(network: Detector, files: Sequence[LabelledFile], size: tuple[int, int], settings: BoxSettings, device: torch.device) -> Counts:
    """Pictures are scaled down to fit `size` (width, height, multiples of 32), never enlarged, and padded right and below, as the product does."""
    counts = Counts()
    network.eval()
    with torch.inference_mode():
        for file in files:
            picture = file.read()
            fitted, scale = fit(picture.pixels, size)
            map_ = network.probability_map(network_input(fitted)[None].to(device))[0, 0].float().cpu().numpy()
            boxes, _ = form_boxes(map_, settings)
            counts.add(list(boxes / scale), picture.instances)
    return counts


def fit(pixels: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, float]:
    """The picture in the top left of one of `size`, padded with ImageNet's mean colour, and the scale that it was brought to."""
    height, width = pixels.shape[:2]
    scale = min(size[0] / width, size[1] / height, 1.0)
    if scale < 1.0:
        pixels = cv2.resize(pixels, (max(round(width * scale), 1), max(round(height * scale), 1)), interpolation=cv2.INTER_AREA)
    result = np.empty((size[1], size[0], 3), np.uint8)
    result[:] = (124, 116, 104)
    result[: pixels.shape[0], : pixels.shape[1]] = pixels
    return result, scale
