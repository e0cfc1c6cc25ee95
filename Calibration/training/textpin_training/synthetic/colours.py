"""Colours of boards and ink."""

import cv2
import numpy as np

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
SIGN_COLOURS = np.array(
    [
        (245, 245, 240), (250, 250, 250), (230, 230, 225), (252, 252, 252), (20, 20, 22), (35, 35, 40),
        (12, 12, 14), (200, 30, 35), (225, 45, 40), (170, 20, 30), (20, 70, 150), (15, 45, 110),
        (0, 105, 180), (0, 110, 70), (20, 140, 80), (250, 205, 20), (245, 180, 30), (240, 120, 25),
        (110, 70, 45), (90, 90, 95), (150, 150, 150), (190, 185, 170), (80, 30, 90), (235, 110, 150),
        (0, 150, 160), (60, 40, 30), (210, 195, 160),
    ],
    np.float32,
)  # fmt: skip


def luma(colour: np.ndarray) -> np.ndarray:
    """Brightness as a camera's Y, 0 to 255, of R G B in the last axis."""
    return colour @ LUMA


def mean_colour(pixels: np.ndarray) -> np.ndarray:
    """Mean R G B of uint8 [h, w, 3], float32 [3]; 0 of no pixels."""
    return np.array(cv2.mean(pixels)[:3], np.float32)


def sign_colour(numbers: np.random.Generator) -> np.ndarray:
    """A colour that signs are painted in, or now and then any: float32 [3], 0 to 255."""
    if numbers.random() < 0.15:
        return numbers.uniform(0, 255, 3).astype(np.float32)
    chosen = SIGN_COLOURS[numbers.integers(len(SIGN_COLOURS))]
    return np.clip(chosen + numbers.normal(0, 10, 3), 0, 255).astype(np.float32)


def material_colour(numbers: np.random.Generator) -> np.ndarray:
    """What streets and rooms are made of, greyer than what is painted on them: float32 [3], 0 to 255."""
    grey, deviation = numbers.uniform(10, 235), (4, 10, 30)[numbers.integers(3)]
    return np.clip(grey + numbers.normal(0, deviation, 3), 0, 255).astype(np.float32)


def ink_colour(ground: np.ndarray, least: float, numbers: np.random.Generator) -> np.ndarray:
    """A colour whose luma differs from the ground's by `least` or more."""
    for _ in range(6):
        colour = sign_colour(numbers)
        if abs(luma(colour) - luma(ground)) >= least:
            return colour
    return np.full(3, 250.0 if luma(ground) < 128 else 12.0, np.float32)


def faint_ink(ground: np.ndarray, numbers: np.random.Generator) -> np.ndarray:
    """A colour hard to tell from the ground: embossed metal, glass, a sign bleached by the sun."""
    step = numbers.uniform(12, 45) * (1 if luma(ground) < numbers.uniform(60, 190) else -1)
    return np.clip(ground + step + numbers.normal(0, 6, 3), 0, 255).astype(np.float32)
