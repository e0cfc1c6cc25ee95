"""The scene generator: background, clutter, sheets with text at angles, camera."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ..pictures import Instance, Picture
from .backgrounds import drawn_background
from .camera import LIGHT_CELL, draw_exposure, lighting, photographed
from .clutter import piece_of_clutter
from .colours import luma, mean_colour
from .fonts import font_library
from .geometry import Sheet, Word, moved, paste, sheet_corners, tilted_plane
from .notices import label, poster, screen, timetable, wayfinding
from .panels import badge, banner, letters, plate, sign
from .photographs import labelled, photograph_background
from .words import draw

# Of 100 scenes; those without text teach what is not text.
WITHOUT_TEXT = 10
FROM_PHOTOGRAPHS = 60
# Below these nobody can read a word, so it counts neither as text nor as background.
LEAST_HEIGHT = 8.0
LEAST_CONTRAST = 14.0
# A blur as wide as a letter's strokes: they are a sixth to an eighth of its height.
MOST_BLUR = 0.14
# Pixels per em, of which a small letter is half as high. Half of ICDAR2015's words are less than 24 pixels high.
MEDIAN_SIZE, SPREAD, LEAST_SIZE, MOST_SIZE = 30.0, 0.5, 14.0, 180.0
# Notices with many words are set smaller than signs.
NOTICE_SIZE = 0.75
# Where sheets lie is kept on a grid this coarse.
CELL = 4

PANELS = (sign, sign, sign, plate, plate, banner, badge)
NOTICES = (label, label, poster, timetable, screen, wayfinding, wayfinding)


class SceneGenerator:
    """Renders labelled scenes: the same seed, index, size, photographs and fonts give the same bytes in every process.

    size: width and height in pixels, at least 128.
    photographs: picture files of a labelled data set; their regions without text become backgrounds.
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
        for _ in range(int(numbers.integers(0, 6))):
            self._clutter(scene, numbers)
        exposure = draw_exposure(numbers)
        words = self._text(scene, numbers) if numbers.integers(100) >= WITHOUT_TEXT else []
        light = lighting(self.size, exposure, numbers)
        pixels = photographed(scene, exposure, light, numbers)
        return Picture(pixels, [_instance(word, light, exposure.blur) for word in words], f"synthetic {self.seed}:{index}")

    def _background(self, numbers: np.random.Generator) -> np.ndarray:
        scene = None
        if self._photographs and numbers.integers(100) < FROM_PHOTOGRAPHS:
            scene = photograph_background(self._photographs, self.size, numbers)
        return drawn_background(*self.size, numbers) if scene is None else scene

    def _clutter(self, scene: np.ndarray, numbers: np.random.Generator) -> None:
        sheet = piece_of_clutter(numbers, round(0.7 * min(self.size)))
        plane = _seen_at_an_angle(sheet, numbers)
        corners = sheet_corners(sheet, plane)
        if numbers.random() < 0.6:
            _soften(sheet, numbers.uniform(0.4, 3))
        # Anywhere, partly outside too.
        paste(scene, sheet, moved(numbers.uniform(0, self.size) - corners.mean(axis=0), plane))

    def _text(self, scene: np.ndarray, numbers: np.random.Generator) -> list[Word]:
        """Draws sheets where none is yet and returns their words."""
        taken = np.zeros((-(-self.size[1] // CELL), -(-self.size[0] // CELL)), np.uint8)
        dimmed = numbers.random() < 0.5
        words: list[Word] = []
        # For a scene of 640x640; larger ones have room for more.
        area = self.size[0] * self.size[1] / 640**2
        for _ in range(max(1, round(area * numbers.uniform(1, 14)))):
            free = np.argwhere(taken == 0)[:, ::-1]
            if not len(free):
                break
            place = CELL * (free[numbers.integers(len(free))] + 0.5)
            sheet = self._sheet(_colour_at(scene, place), numbers)
            homography = self._place(sheet, place, taken, numbers)
            if homography is None:
                continue
            if sheet.opaque and dimmed and not sheet.lit:
                _dim(sheet, scene, sheet_corners(sheet, homography))
            if sheet.opaque and numbers.random() < 0.3:
                _cast_shadow(scene, sheet, homography, numbers)
            words += paste(scene, sheet, homography)
        return words

    def _sheet(self, ground: np.ndarray, numbers: np.random.Generator) -> Sheet:
        size = float(np.clip(MEDIAN_SIZE * np.exp(numbers.normal(0, SPREAD)), LEAST_SIZE, MOST_SIZE))
        room = round(0.9 * min(self.size))
        kind = numbers.random()
        if kind < 0.3:
            sheet = letters(ground, self._fonts, size, room, numbers)
        elif kind < 0.65:
            sheet = draw(PANELS, numbers)(self._fonts, size, room, numbers)
        else:
            sheet = draw(NOTICES, numbers)(self._fonts, max(LEAST_SIZE, NOTICE_SIZE * size), room, numbers)
        if numbers.random() < 0.35:
            # Small text in photographs is soft: out of focus, or too fine for the lens.
            _soften(sheet, numbers.uniform(0.3, 0.05 * size + 0.2))
        return sheet

    def _place(self, sheet: Sheet, first: np.ndarray, taken: np.ndarray, numbers: np.random.Generator) -> np.ndarray | None:
        """A homography that puts the sheet where none is, all of it in the picture, or None; marks its place as taken.

        first: where its middle is tried first; letters alone are tried nowhere else: their colour is chosen for it.
        """
        plane = _seen_at_an_angle(sheet, numbers)
        corners = sheet_corners(sheet, plane)
        low, high = corners.min(axis=0), corners.max(axis=0)
        room = np.array(self.size) - (high - low) - 2
        if (room <= 0).any():
            return None
        for attempt in range(8 if sheet.opaque else 1):
            wanted = first - (low + high) / 2 if attempt == 0 else numbers.uniform(0, room) - low
            shift = np.clip(wanted, 1 - low, 1 - low + room)
            polygon = np.round((corners + shift) / CELL).astype(np.int32)
            (left, top), (right, bottom) = polygon.min(axis=0), polygon.max(axis=0) + 1
            mask = np.zeros((bottom - top, right - left), np.uint8)
            cv2.fillConvexPoly(mask, polygon - (left, top), 1)
            place = taken[top:bottom, left:right]
            if not (mask[: place.shape[0], : place.shape[1]] & place).any():
                place |= cv2.dilate(mask, np.ones((3, 3), np.uint8))[: place.shape[0], : place.shape[1]]
                return moved(shift, plane)
        return None


def _seen_at_an_angle(sheet: Sheet, numbers: np.random.Generator) -> np.ndarray:
    """Mostly nearly upright; one in seven at any slant, one in thirty on its side."""
    kind = numbers.random()
    turn = numbers.normal(0, 0.06)
    if kind < 0.14:
        turn = numbers.normal(0, 0.5)
    elif kind < 0.17:
        turn += draw((-np.pi / 2, np.pi / 2), numbers)
    return tilted_plane(sheet.width, sheet.height, turn, numbers.normal(0, 0.35), numbers.normal(0, 0.2))


def _colour_at(scene: np.ndarray, place: np.ndarray) -> np.ndarray:
    x, y = place.astype(int)
    return mean_colour(scene[max(0, y - 24) : y + 24, max(0, x - 40) : x + 40])


def _soften(sheet: Sheet, deviation: float) -> None:
    sheet.pixels = cv2.GaussianBlur(sheet.pixels, (0, 0), deviation)
    sheet.alpha = cv2.GaussianBlur(sheet.alpha, (0, 0), deviation, borderType=cv2.BORDER_REPLICATE)


def _cast_shadow(scene: np.ndarray, sheet: Sheet, homography: np.ndarray, numbers: np.random.Generator) -> None:
    """Darkens where the sheet, a little in front of a wall, keeps the light away."""
    shadow = Sheet(np.zeros_like(sheet.pixels), cv2.convertScaleAbs(sheet.alpha, alpha=numbers.uniform(0.2, 0.6)))
    paste(scene, shadow, moved(numbers.uniform((-6, 1), (6, 8)), homography))


def _dim(sheet: Sheet, scene: np.ndarray, corners: np.ndarray) -> None:
    """Lights the sheet as its surroundings are lit: a white board in a dark passage is grey."""
    (left, top), (right, bottom) = (
        np.maximum(corners.min(axis=0), 0).astype(int),
        np.ceil(corners.max(axis=0)).astype(int),
    )
    around = float(luma(mean_colour(scene[top:bottom, left:right])))
    strength = float(np.clip(around / 110, 0.3, 1.15))
    sheet.pixels = cv2.convertScaleAbs(sheet.pixels, alpha=strength)
    for word in sheet.words:
        word.ink, word.ground = word.ink * strength, word.ground * strength


def _instance(word: Word, light: np.ndarray, blur: float) -> Instance:
    x, y = (word.outline.mean(axis=0) / LIGHT_CELL).astype(int)
    unreadable = word.height < LEAST_HEIGHT or word.contrast(float(light[y, x])) < LEAST_CONTRAST or blur > MOST_BLUR * word.height
    return Instance(word.outline.astype(np.float32), unreadable, word.text)
