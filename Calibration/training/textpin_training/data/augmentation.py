"""A picture as a camera could have seen it instead: turned, scaled, cropped, in other light.

The geometry is one affine map, so that pixels are resampled once; outlines go through the same map.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np

from ..pictures import Instance, Picture
from ..preprocessing import PADDING_COLOUR
from .camera import CameraFaults, degrade


@dataclass(frozen=True)
class AugmentationSettings:
    """size: the side of the crop in pixels. scale: how much larger or smaller than the picture, drawn evenly in the logarithm. rotation: degrees either way.
    stretch: how far width and height may be scaled apart. flip: the share of mirrored crops. text_share: of the crops, how many are laid around a text drawn at
    random; the others fall anywhere. overhang: the share of crops that may reach over the picture's edge, where they are grey like what the product pads with: a
    network that never saw such a flat place answers it with values a hundred times larger than any others, which int8 cannot hold. kept_whole: an instance of which less than this share lies in the crop is ignored."""

    size: int = 640
    scale: tuple[float, float] = (0.5, 3.0)
    rotation: float = 10.0
    stretch: float = 1.15
    flip: float = 0.5
    text_share: float = 0.8
    overhang: float = 0.25
    kept_whole: float = 0.7
    camera: CameraFaults = field(default_factory=CameraFaults)


def augment(picture: Picture, settings: AugmentationSettings, random: np.random.Generator) -> Picture:
    """A crop of `size` x `size`; what lies outside the picture is grey."""
    size = settings.size
    matrix = _draw_map(picture, settings, random)
    mirrored = np.linalg.det(matrix[:, :2]) < 0
    shrinking = np.sqrt(abs(np.linalg.det(matrix[:, :2]))) < 0.6
    pixels = picture.pixels
    if shrinking:
        # Bilinear sampling would skip pixels: halve first.
        pixels = cv2.resize(pixels, (max(pixels.shape[1] // 2, 1), max(pixels.shape[0] // 2, 1)), interpolation=cv2.INTER_AREA)
        # Pixel centres lie at + 0.5: x = 2 x' + 0.5.
        resample = matrix @ np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1]])
    else:
        resample = matrix
    crop = cv2.warpAffine(pixels, resample, (size, size), flags=cv2.INTER_LINEAR, borderValue=PADDING_COLOUR)
    crop = degrade(crop, settings.camera, random)
    # What the product pads with went through no camera: it is the same to the last bit, and a network answers that otherwise than noise about it.
    outside = cv2.warpAffine(np.zeros(pixels.shape[:2], np.uint8), resample, (size, size), flags=cv2.INTER_NEAREST, borderValue=1)
    crop[outside > 0] = PADDING_COLOUR
    instances = []
    for instance in picture.instances:
        points = (instance.points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
        if mirrored:
            points = points[::-1]
        kept = _crop_instance(instance, points, size, settings.kept_whole)
        if kept is not None:
            instances.append(kept)
    return Picture(crop, instances, picture.name)


def _draw_map(picture: Picture, settings: AugmentationSettings, random: np.random.Generator) -> np.ndarray:
    """Picture to crop, [2, 3]."""
    height, width = picture.pixels.shape[:2]
    scale = float(np.exp(random.uniform(*np.log(settings.scale))))
    stretch = float(np.exp(random.uniform(-1, 1) * np.log(settings.stretch) / 2))
    angle = np.deg2rad(random.uniform(-settings.rotation, settings.rotation))
    mirror = -1.0 if random.random() < settings.flip else 1.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([scale * stretch * mirror, scale / stretch])
    readable = [instance for instance in picture.instances if not instance.ignore]
    if readable and random.random() < settings.text_share:
        text = readable[random.integers(len(readable))].points
        centre = (text.min(axis=0) + text.max(axis=0)) / 2
        # Anywhere in the crop, not only its middle.
        target = random.uniform(0.1, 0.9, 2) * settings.size
    else:
        centre = random.uniform(0, 1, 2) * (width, height)
        target = np.full(2, settings.size / 2)
    middle = np.linalg.solve(linear, np.full(2, settings.size / 2) - target) + centre
    if random.random() >= settings.overhang:
        # Moved in as far as the picture goes.
        reach = settings.size / 2 / np.array([scale * stretch, scale / stretch])
        extent = np.array([width, height], float)
        middle = np.where(2 * reach < extent, np.clip(middle, reach, extent - reach), extent / 2)
    return np.hstack([linear, (np.full(2, settings.size / 2) - linear @ middle)[:, None]])


def _crop_instance(instance: Instance, points: np.ndarray, size: int, kept_whole: float) -> Instance | None:
    """The instance in the crop: as it is if nearly whole, ignored if cut, None if outside."""
    low, high = points.min(axis=0), points.max(axis=0)
    if (high <= 0).any() or (low >= size).any():
        return None
    if not instance.ignore and ((low < 0).any() or (high > size).any()):
        hull = cv2.convexHull(points)
        frame = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32)
        inside, _ = cv2.intersectConvexConvex(hull, frame)
        if inside < kept_whole * cv2.contourArea(hull):
            return Instance(points, True, instance.text)
    return Instance(points, instance.ignore, instance.text)
