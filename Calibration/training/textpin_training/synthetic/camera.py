"""What light and a cheap camera do to a scene."""

from dataclasses import dataclass

import cv2
import numpy as np

from .backgrounds import clouds

# Light changes slowly over a scene.
LIGHT_CELL = 8


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


def lighting(size: tuple[int, int], exposure: Exposure, numbers: np.random.Generator) -> np.ndarray:
    """What the brightness is multiplied by, 0 to 2: float32 [rows, columns], one per LIGHT_CELL x LIGHT_CELL pixels."""
    columns, rows = -(-size[0] // LIGHT_CELL), -(-size[1] // LIGHT_CELL)
    light = np.full((rows, columns), exposure.gain, np.float32)
    if exposure.uneven:
        light *= np.clip(1 + exposure.uneven * clouds(columns, rows, columns / 2, numbers, 1), 0.5, 1.5)
    if exposure.shadow:
        corners = numbers.uniform((-0.3, -0.3), (1.3, 1.3), (4, 2)) * (columns, rows)
        shape = np.zeros_like(light)
        cv2.fillConvexPoly(shape, cv2.convexHull(corners.astype(np.int32)), exposure.shadow)
        light *= 1 - cv2.blur(shape, (3, 3))
    return np.clip(light, 0, 2)


def photographed(scene: np.ndarray, exposure: Exposure, light: np.ndarray, numbers: np.random.Generator) -> np.ndarray:
    """The scene (uint8 [h, w, 3]) as the camera sees it in this light, same form."""
    if exposure.blur:
        scene = cv2.GaussianBlur(scene, (0, 0), exposure.blur)
    # 127 is 1: with eight bits a multiplication costs a quarter of what it does in float.
    shade = cv2.resize((127 * light).astype(np.uint8), scene.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    scene = cv2.multiply(scene, cv2.merge((shade, shade, shade)), scale=1 / 127)
    if exposure.noise >= 1:
        # Even draws of 0 to 255 deviate by 73.9.
        grain = numbers.integers(0, 256, scene.shape, np.uint8)
        scene = cv2.addWeighted(scene, 1.0, grain, exposure.noise / 73.9, -127.5 * exposure.noise / 73.9)
    return scene
