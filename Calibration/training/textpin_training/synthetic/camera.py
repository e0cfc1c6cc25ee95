"""What light and a cheap camera do to a scene."""

from dataclasses import dataclass

import cv2
import numpy as np

from .backgrounds import clouds


@dataclass(frozen=True)
class Exposure:
    """How one scene is taken.

    gain: of brightness. blur: deviation of the lens's blur in pixels. noise: deviation of the sensor's noise, 0 to 255.
    uneven: deviation of the light's strength over the scene. shadow: how much light a shadow's edge takes away.
    """

    gain: float
    blur: float
    noise: float
    uneven: float
    shadow: float


def draw_exposure(numbers: np.random.Generator) -> Exposure:
    return Exposure(
        gain=float(np.clip(np.exp(numbers.normal(0, 0.25)), 0.4, 1.6)),
        blur=numbers.uniform(0.4, 1.4) if numbers.random() < 0.3 else 0.0,
        noise=numbers.uniform(0, 1) ** 2 * 14,
        uneven=numbers.uniform(0.05, 0.25) if numbers.random() < 0.5 else 0.0,
        shadow=numbers.uniform(0.2, 0.6) if numbers.random() < 0.2 else 0.0,
    )


def photographed(scene: np.ndarray, exposure: Exposure, numbers: np.random.Generator) -> np.ndarray:
    """The scene (uint8 [h, w, 3]) as the camera sees it, same form."""
    height, width = scene.shape[:2]
    if exposure.blur:
        scene = cv2.GaussianBlur(scene, (0, 0), exposure.blur)
    light = np.full((height // 8 + 1, width // 8 + 1), 128 * exposure.gain, np.float32)
    if exposure.uneven:
        light *= np.clip(1 + exposure.uneven * clouds(light.shape[1], light.shape[0], width / 16, numbers, 1), 0.5, 1.5)
    if exposure.shadow:
        corners = numbers.uniform((-0.3, -0.3), (1.3, 1.3), (4, 2)) * (light.shape[1], light.shape[0])
        shape = np.zeros_like(light)
        cv2.fillConvexPoly(shape, cv2.convexHull(corners.astype(np.int32)), exposure.shadow)
        light *= 1 - cv2.blur(shape, (3, 3))
    # 128 is 1: with eight bits a multiplication costs a quarter of what it does in float, and twice the light is the most.
    shade = cv2.resize(np.clip(light, 0, 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
    scene = cv2.multiply(scene, cv2.merge((shade, shade, shade)), scale=1 / 128)
    if exposure.noise >= 1:
        # Even draws of 0 to 255 deviate by 73.9.
        grain = numbers.integers(0, 256, scene.shape, np.uint8)
        scene = cv2.addWeighted(scene, 1.0, grain, exposure.noise / 73.9, -127.5 * exposure.noise / 73.9)
    return scene
