"""Lines of text as ink: one mask for the line, and the outline of every word in it."""

from dataclasses import dataclass

import numpy as np

from .fonts import FontFace
from .geometry import Word

# Of 255: fainter rims of a glyph are not seen as part of it.
FAINTEST_INK = 64


@dataclass
class Line:
    """Ink of one line of text.

    ink: float32 [height, width], 0 to 1.
    words: their outlines in the ink's pixels.
    """

    ink: np.ndarray
    words: list[Word]


@dataclass(frozen=True)
class _Glyphs:
    """Letters rasterized in one go, and where their top left corner lies from the line's origin on the baseline."""

    mask: np.ndarray
    left: int
    top: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        return self.left, self.top, self.left + self.mask.shape[1], self.top + self.mask.shape[0]

    def ink_box(self) -> tuple[int, int, int, int] | None:
        columns = np.flatnonzero(self.mask.max(axis=0) > FAINTEST_INK)
        rows = np.flatnonzero(self.mask.max(axis=1) > FAINTEST_INK)
        if not len(columns):
            return None
        return self.left + columns[0], self.top + rows[0], self.left + columns[-1] + 1, self.top + rows[-1] + 1


def set_line(words: list[str], face: FontFace, size: int, tracking: float = 0.0, margin: int = 3) -> Line:
    """Sets the words on one straight baseline, `size` pixels per em, with `tracking` pixels more between letters.

    Every word is rasterized by itself, so that its outline is the box of its own ink, exactly.
    """
    font = face.at(size)
    space = max(font.getlength(" "), 0.2 * size) + 1.5 * tracking
    pen = 0.0
    runs: list[tuple[str, list[_Glyphs]]] = []
    for word in words:
        glyphs = []
        for letters in word if tracking else (word,):
            core, (left, top) = font.getmask2(letters, mode="L", anchor="ls")
            if core.size[0] and core.size[1]:
                mask = np.asarray(core, np.uint8).reshape(core.size[1], core.size[0])
                glyphs.append(_Glyphs(mask, round(pen) + left, top))
            pen += font.getlength(letters) + tracking
        pen += space
        runs.append((word, glyphs))
    return _assembled(runs, margin)


def _assembled(runs: list[tuple[str, list[_Glyphs]]], margin: int) -> Line:
    boxes = np.array([one.box for _, glyphs in runs for one in glyphs])
    if not len(boxes):
        return Line(np.zeros((1, 1), np.float32), [])
    (left, top), (right, bottom) = boxes[:, :2].min(axis=0) - margin, boxes[:, 2:].max(axis=0) + margin
    ink = np.zeros((bottom - top, right - left), np.uint8)
    words = []
    for word, glyphs in runs:
        for one in glyphs:
            x0, y0, x1, y1 = one.box
            target = ink[y0 - top : y1 - top, x0 - left : x1 - left]
            np.maximum(target, one.mask, out=target)
        inked = np.array([box for one in glyphs if (box := one.ink_box())])
        if len(inked):
            (x0, y0), (x1, y1) = inked[:, :2].min(axis=0) - (left, top), inked[:, 2:].max(axis=0) - (left, top)
            words.append(Word(word, np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float64)))
    return Line(ink.astype(np.float32) / 255, words)
