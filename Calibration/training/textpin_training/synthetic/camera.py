"""What light and a cheap camera do to a scene."""

import cv2
import numpy as np

from .backgrounds import clouds


def photographed(scene: np.ndarray, numbers: np.random.Generator) -> np.ndarray:
    """Uneven light, a shadow, blur, exposure and sensor noise: float32 [h, w, 3] in, uint8 out."""
    height, width = scene.shape[:2]
    if numbers.random() < 0.6:
        scene *= np.clip(1 + numbers.uniform(0.05, 0.3) * clouds(width, height, width / 2, numbers, 1), 0.3, 1.7)[..., None]
    if numbers.random() < 0.35:
        sigma = numbers.uniform(0.3, 1.3)
        scene = cv2.GaussianBlur(scene, (0, 0), sigma)
    gain = float(np.exp(numbers.normal(0, 0.25)))
    noise = numbers.integers(0, 256, (height, width, 3), np.uint8)
    strength = numbers.uniform(0, 1) ** 2 * 14
    scene *= gain
    scene += (noise.astype(np.float32) - 127.5) * (strength / 74)
    return np.clip(scene, 0, 255).astype(np.uint8)
