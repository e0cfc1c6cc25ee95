"""Lines of text as ink: one mask for the line, and the outline of every word in it."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageDraw

from .fonts import FontFace
from .geometry import Word

# Pixels per em at which glyphs are rasterized, once per process; lines are scaled down from the next larger one. A
# camera knows no hinting, so scaled glyphs look more like a photo's than glyphs hinted for a screen.
RASTER_SIZES = (48, 144)
# Between the ink of two words, in ems.
LEAST_SPACE = 0.12
# Left, top, right, bottom.
Box = tuple[int, int, int, int]
# Of 255: fainter rims of a glyph are not seen as part of it.
FAINTEST_INK = 64


@dataclass
class Line:
    """Ink of one line of text.

    ink: uint8 [height, width].
    baseline: in pixels from the top of the ink's array.
    words: their outlines in the ink's pixels.
    """

    ink: np.ndarray
    baseline: float
    words: list[Word]

    @property
    def width(self) -> int:
        return self.ink.shape[1]

    @property
    def height(self) -> int:
        return self.ink.shape[0]


@dataclass(frozen=True)
class _Glyph:
    """A letter's mask (uint8), and where its top left corner lies from the pen on the baseline."""

    mask: np.ndarray
    left: int
    top: int
    advance: float
    # What can be seen, from the mask's corner; None for a letter without ink.
    seen: Box | None


def set_line(words: list[str], face: FontFace, size: float, tracking: float = 0.0, margin: int = 3) -> Line:
    """Sets the words on one straight baseline, `size` pixels per em, with `tracking` ems more between letters.

    margin: pixels left free around the ink. A word's outline is the box of its own ink; one without ink gets none.
    """
    raster = next((larger for larger in RASTER_SIZES if larger >= size), RASTER_SIZES[-1])
    scale = size / raster
    space = max(_glyph(face, raster, " ").advance, 0.2 * raster) + 1.5 * tracking * raster
    pen, end = 0.0, None
    placed: list[tuple[_Glyph, int]] = []
    boxes: list[tuple[str, list[Box]]] = []
    for word in words:
        letters = [_glyph(face, raster, letter) for letter in word]
        if end is not None:
            # Swashes of script faces reach into the next word; its box must not.
            pen = max(pen + space, end + LEAST_SPACE * raster - _reach_to_the_left(letters, tracking * raster))
        seen = []
        for glyph in letters:
            if glyph.seen:
                x = round(pen) + glyph.left
                placed.append((glyph, x))
                left, top, right, bottom = glyph.seen
                seen.append((x + left, glyph.top + top, x + right, glyph.top + bottom))
            pen += glyph.advance + tracking * raster
        boxes.append((word, seen))
        end = max([end or 0, *(right for _, _, right, _ in seen)])
    return _assembled(placed, boxes, scale, int(np.ceil(margin / scale)))


def _reach_to_the_left(letters: list[_Glyph], tracking: float) -> float:
    """Where a word's ink begins, from where its pen begins."""
    starts, pen = [0.0], 0.0
    for glyph in letters:
        if glyph.seen:
            starts.append(pen + glyph.left + glyph.seen[0] - 1)
        pen += glyph.advance + tracking
    return min(starts)


def _assembled(placed: list[tuple[_Glyph, int]], boxes: list[tuple[str, list[Box]]], scale: float, margin: int) -> Line:
    if not placed:
        return Line(np.zeros((1, 1), np.uint8), 0.0, [])
    left = min(x for _, x in placed) - margin
    right = max(x + glyph.mask.shape[1] for glyph, x in placed) + margin
    top = min(glyph.top for glyph, _ in placed) - margin
    bottom = max(glyph.top + glyph.mask.shape[0] for glyph, _ in placed) + margin
    ink = np.zeros((bottom - top, right - left), np.uint8)
    for glyph, x in placed:
        height, width = glyph.mask.shape
        target = ink[glyph.top - top : glyph.top - top + height, x - left : x - left + width]
        # Letters of slanted faces reach over each other's boxes.
        np.maximum(target, glyph.mask, out=target)
    extent = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    ratio = np.array([extent[0] / ink.shape[1], extent[1] / ink.shape[0]])
    words = []
    for text, seen in boxes:
        if seen:
            box = np.array(seen, np.float64) - (left, top, left, top)
            (x0, y0), (x1, y1) = box[:, :2].min(axis=0) * ratio, box[:, 2:].max(axis=0) * ratio
            words.append(Word(text, np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])))
    scaled = cv2.resize(ink, extent, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return Line(scaled, -top * ratio[1], words)


@lru_cache(maxsize=16384)
def _glyph(face: FontFace, size: int, letter: str) -> _Glyph:
    font = face.at(size)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(letter, anchor="ls"))
    image = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(image).text((-left, -top), letter, fill=255, font=font, anchor="ls")
    mask = np.asarray(image)
    columns, rows = np.flatnonzero((mask > FAINTEST_INK).any(axis=0)), np.flatnonzero((mask > FAINTEST_INK).any(axis=1))
    seen = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1) if len(columns) else None
    return _Glyph(mask, left, top, font.getlength(letter), seen)
