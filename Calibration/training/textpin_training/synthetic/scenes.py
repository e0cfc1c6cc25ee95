"""The scene generator: background, sheets with text at angles, camera."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ..pictures import Instance, Picture
from .backgrounds import drawn_background
from .camera import photographed
from .fonts import font_library
from .geometry import Sheet, Word, paste, sheet_corners, tilted_plane
from .panels import label, letters_on, plate, sign
from .photographs import labelled, photograph_background

# Of 100 scenes; those without text teach what is not text.
WITHOUT_TEXT = 10
FROM_PHOTOGRAPHS = 60
# Below these nobody can read a word, so it neither counts as text nor as background.
LEAST_HEIGHT = 8.0
LEAST_CONTRAST = 14.0
# Where sheets lie is kept on a grid this coarse.
CELL = 4


class SceneGenerator:
    """Renders labelled scenes from a seed: the same seed, index, size, photographs and fonts give the same pixels in every process.

    size: width and height in pixels. photographs: picture files of a labelled data set; their regions without text become backgrounds.
    fonts: font files; those that are installed if None. Throws FontError and PhotographError.
    """

    def __init__(
        self,
        seed: int,
        size: tuple[int, int] = (640, 640),
        photographs: Sequence[Path] = (),
        fonts: Sequence[Path] | None = None,
    ):
        self.seed = seed
        self.size = size
        self._photographs = labelled(photographs)
        self._fonts = font_library(fonts)

    def scene(self, index: int) -> Picture:
        """The scene of this index, its instances words."""
        numbers = np.random.default_rng([self.seed, index])
        scene = self._background(numbers)
        words = [] if numbers.integers(100) < WITHOUT_TEXT else self._write(scene, numbers)
        pixels = photographed(scene, numbers)
        return Picture(pixels, [_instance(word) for word in words], f"synthetic {self.seed}:{index}")

    def _background(self, numbers: np.random.Generator) -> np.ndarray:
        scene = None
        if self._photographs and numbers.integers(100) < FROM_PHOTOGRAPHS:
            scene = photograph_background(self._photographs, self.size, numbers)
        return drawn_background(*self.size, numbers) if scene is None else scene

    def _write(self, scene: np.ndarray, numbers: np.random.Generator) -> list[Word]:
        """Draws sheets where none is yet and returns their words."""
        taken = np.zeros((-(-self.size[1] // CELL), -(-self.size[0] // CELL)), np.uint8)
        words: list[Word] = []
        for _ in range(int(numbers.integers(2, 16))):
            size = round(float(np.clip(np.exp(numbers.normal(np.log(26), 0.5)), 12, 180)))
            kind = numbers.random()
            if kind < 0.3:
                sheet = letters_on(self._colour_somewhere(scene, numbers), self._fonts, size, numbers)
            elif kind < 0.6:
                sheet = sign(self._fonts, size, numbers)
            elif kind < 0.75:
                sheet = plate(self._fonts, size, numbers)
            else:
                sheet = label(self._fonts, max(12, round(size * 0.75)), numbers)
            homography = self._place(sheet, taken, numbers)
            if homography is not None:
                words += paste(scene, sheet, homography)
        return words

    def _colour_somewhere(self, scene: np.ndarray, numbers: np.random.Generator) -> np.ndarray:
        x, y = int(numbers.integers(self.size[0])), int(numbers.integers(self.size[1]))
        return scene[max(0, y - 30) : y + 30, max(0, x - 30) : x + 30].mean(axis=(0, 1))

    def _place(self, sheet: Sheet, taken: np.ndarray, numbers: np.random.Generator) -> np.ndarray | None:
        """A homography that puts the sheet where none is, all of it in the picture, or None; marks its place as taken."""
        height, width = sheet.alpha.shape
        turn = numbers.normal(0, 0.08) if numbers.random() < 0.85 else numbers.normal(0, 0.5)
        plane = tilted_plane(width, height, turn, numbers.normal(0, 0.35), numbers.normal(0, 0.2))
        corners = sheet_corners(sheet, plane)
        low, high = corners.min(axis=0), corners.max(axis=0)
        room = np.array(self.size) - (high - low) - 2
        if (room <= 0).any():
            return None
        for _ in range(12):
            shift = numbers.uniform(0, room) - low + 1
            mask = np.zeros_like(taken)
            cv2.fillConvexPoly(mask, np.round((corners + shift) / CELL).astype(np.int32), 1)
            if not (mask & taken).any():
                taken |= cv2.dilate(mask, np.ones((3, 3), np.uint8))
                return np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1]]) @ plane
        return None


def _instance(word: Word) -> Instance:
    ignore = word.height < LEAST_HEIGHT or word.contrast < LEAST_CONTRAST
    return Instance(word.outline.astype(np.float32), ignore, word.text)
