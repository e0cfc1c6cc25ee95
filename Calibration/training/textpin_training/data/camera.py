"""What a board's camera does to a picture: light, colour, focus, motion, noise, compression."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class CameraFaults:
    """The share of pictures that each fault strikes; 0 for none of it. How strong it is, is drawn."""

    light: float = 0.5
    colour: float = 0.4
    low_light: float = 0.1
    blur: float = 0.15
    motion: float = 0.1
    noise: float = 0.2
    jpeg: float = 0.3


def degrade(pixels: np.ndarray, faults: CameraFaults, random: np.random.Generator) -> np.ndarray:
    """uint8 [height, width, 3] in, a new one out. The order is a camera's: light, optics, sensor, compression."""
    table = np.arange(256, dtype=np.float32)[:, None].repeat(3, axis=1)
    if random.random() < faults.light:
        table = (table - 128) * random.uniform(0.6, 1.4) + 128 + random.uniform(-32, 32)
        table = 255 * (np.clip(table, 0, 255) / 255) ** np.exp(random.uniform(-0.5, 0.5))
    if random.random() < faults.colour:
        table = table * random.uniform(0.8, 1.2, 3)
    dark = random.random() < faults.low_light
    if dark:
        table = table * random.uniform(0.15, 0.5)
    pixels = cv2.LUT(pixels, np.clip(table, 0, 255).astype(np.uint8)[None])
    if random.random() < faults.colour * 0.25:
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        pixels = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    if random.random() < faults.blur:
        pixels = cv2.GaussianBlur(pixels, (0, 0), random.uniform(0.4, 1.4))
    if random.random() < faults.motion:
        pixels = cv2.filter2D(pixels, -1, motion_kernel(int(random.integers(3, 8)), random.uniform(0, np.pi)))
    if dark or random.random() < faults.noise:
        noise = random.standard_normal(pixels.shape, dtype=np.float32) * np.float32(random.uniform(2, 10))
        pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    if random.random() < faults.jpeg:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(30, 90))]
        pixels = cv2.imdecode(cv2.imencode(".jpg", pixels, quality)[1], cv2.IMREAD_COLOR)
    return pixels


def motion_kernel(length: int, angle: float) -> np.ndarray:
    """The path of a point while the shutter is open: a line of `length` pixels at `angle` radians, float32, with the sum 1."""
    side = length | 1
    kernel = np.zeros((side, side), np.float32)
    middle = side // 2
    step = np.array([np.cos(angle), np.sin(angle)]) * (length - 1) / 2
    start, end = np.round(middle - step).astype(int), np.round(middle + step).astype(int)
    cv2.line(kernel, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), 1.0)
    return kernel / kernel.sum()
