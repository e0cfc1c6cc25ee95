"""Sheets with text: signs, labels, plates, posters, screens and letters straight on the wall."""

from dataclasses import dataclass

import cv2
import numpy as np

from .colours import ink_colour, luma, sign_colour
from .fonts import FontFace, FontLibrary
from .geometry import Sheet, Word
from .lettering import Line, set_line
from .words import draw, draw_script, line, number


@dataclass(frozen=True)
class Style:
    """How the letters of a sheet look.

    effect: plain, outlined, shadowed, embossed or neon.
    """

    face: FontFace
    script: str
    ink: np.ndarray
    effect: str = "plain"
    tracking: float = 0.0


def ink_line(sheet: Sheet, one: Line, left: int, top: int, style: Style) -> None:
    """Writes a line on the sheet with its top left corner at (left, top), and adds its words to the sheet's.

    A sheet that is only letters (alpha 0 so far) becomes opaque where the letters and their shadows are.
    """
    height, width = one.ink.shape
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + width, sheet.alpha.shape[1]), min(top + height, sheet.alpha.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    ink = one.ink[y0 - top : y1 - top, x0 - left : x1 - left]
    ground = sheet.pixels[y0:y1, x0:x1]
    cover = sheet.alpha[y0:y1, x0:x1]
    around = ground.reshape(-1, 3).mean(axis=0)
    reach = max(1, round(height / 14))

    def lay(mask: np.ndarray, colour: np.ndarray) -> None:
        ground[...] += mask[..., None] * (colour - ground)
        np.maximum(cover, mask, out=cover)

    if style.effect == "shadowed":
        lay(0.7 * _moved(cv2.blur(ink, (reach + 1, reach + 1)), reach, reach), around * 0.25)
    elif style.effect == "outlined":
        rim = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
        lay(rim, np.full(3, 245.0 if luma(style.ink) < 128 else 15.0, np.float32))
    elif style.effect == "embossed":
        lay(0.8 * _moved(ink, -1, -1), np.minimum(around + 70, 255))
        lay(0.8 * _moved(ink, 1, 1), around * 0.4)
    elif style.effect == "neon":
        glow = cv2.GaussianBlur(ink, (0, 0), 1.2 * reach + 1)
        lay(np.minimum(0.9 * glow, 1), style.ink)
    colour = style.ink if style.effect != "neon" else np.minimum(style.ink + 120, 255)
    lay(ink, colour)
    for word in one.words:
        sheet.words.append(Word(word.text, word.outline + (left, top), float(abs(luma(colour) - luma(around)))))


def _moved(mask: np.ndarray, right: int, down: int) -> np.ndarray:
    height, width = mask.shape
    return cv2.warpAffine(mask, np.float32([[1, 0, right], [0, 1, down]]), (width, height), flags=cv2.INTER_NEAREST)


def panel(width: int, height: int, ground: np.ndarray, numbers: np.random.Generator, rounding: int = 0, border: int = 0) -> Sheet:
    """An empty board: one colour with a soft gradient, perhaps rounded corners and a border in another colour."""
    slope = numbers.normal(0, 12, 2)
    shade = slope[0] * np.linspace(-1, 1, width, dtype=np.float32)[None, :] + slope[1] * np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    pixels = np.clip(ground + shade[..., None], 0, 255).astype(np.float32)
    if border:
        inset = int(numbers.integers(0, 3)) * border
        cv2.rectangle(pixels, (inset, inset), (width - 1 - inset, height - 1 - inset), ink_colour(ground, 40, numbers).tolist(), border)
    alpha = np.ones((height, width), np.float32)
    if rounding:
        alpha[...] = 0
        corner = min(rounding, width // 2 - 1, height // 2 - 1)
        cv2.rectangle(alpha, (corner, 0), (width - 1 - corner, height - 1), 1.0, -1)
        cv2.rectangle(alpha, (0, corner), (width - 1, height - 1 - corner), 1.0, -1)
        for x in (corner, width - 1 - corner):
            for y in (corner, height - 1 - corner):
                cv2.circle(alpha, (x, y), corner, 1.0, -1, cv2.LINE_AA)
    return Sheet(pixels, alpha)


def _style(fonts: FontLibrary, ground: np.ndarray, numbers: np.random.Generator, effects: tuple[str, ...] = ("plain",)) -> Style:
    script = draw_script(fonts.scripts, numbers)
    least = 25.0 if numbers.random() < 0.12 else 70.0
    return Style(fonts.draw(script, numbers), script, ink_colour(ground, least, numbers), draw(effects, numbers))


def _stack(lines: list[Line], gaps: float, align: float, margin: tuple[int, int]) -> tuple[int, int, list[tuple[int, int]]]:
    """Width and height of the sheet for lines one under the other, and where each goes; align 0 is left, 0.5 centred, 1 right."""
    width = max(one.ink.shape[1] for one in lines)
    places, y = [], margin[1]
    for one in lines:
        places.append((margin[0] + round(align * (width - one.ink.shape[1])), y))
        y += round(one.ink.shape[0] * (1 + gaps))
    last = round(lines[-1].ink.shape[0] * gaps)
    return width + 2 * margin[0], y - last + margin[1], places


def sign(fonts: FontLibrary, size: int, numbers: np.random.Generator) -> Sheet:
    """A shop's or a street's sign: one to three lines, the first at `size` pixels per em."""
    ground = sign_colour(numbers)
    style = _style(fonts, ground, numbers, ("plain", "plain", "plain", "outlined", "shadowed", "embossed"))
    lines = []
    for index in range(int(numbers.integers(1, 4))):
        em = max(9, round(size * (1 if index == 0 else numbers.uniform(0.45, 1))))
        tracking = em * numbers.uniform(0.05, 0.4) if numbers.random() < 0.12 else 0.0
        words = line(style.script, int(numbers.integers(1, 4)), numbers)
        lines.append(set_line(words, style.face, em, tracking))
    margin = (round(size * numbers.uniform(0.2, 1.2)), round(size * numbers.uniform(0.1, 0.7)))
    width, height, places = _stack(lines, numbers.uniform(0, 0.4), draw((0.0, 0.5, 0.5, 0.5), numbers), margin)
    rounding = round(size * numbers.uniform(0.1, 0.6)) if numbers.random() < 0.3 else 0
    border = max(1, round(size * 0.06)) if numbers.random() < 0.35 else 0
    sheet = panel(width, height, ground, numbers, rounding, border)
    for one, (left, top) in zip(lines, places, strict=True):
        ink_line(sheet, one, left, top, style)
    return sheet


def label(fonts: FontLibrary, size: int, numbers: np.random.Generator) -> Sheet:
    """A notice or a label: a heading and many lines of small print at `size` pixels per em."""
    ground = sign_colour(numbers)
    style = _style(fonts, ground, numbers)
    lines = []
    if numbers.random() < 0.7:
        em = round(size * numbers.uniform(1.3, 2.5))
        lines.append(set_line(line(style.script, int(numbers.integers(1, 4)), numbers), style.face, em))
    for _ in range(int(numbers.integers(2, 9))):
        small = numbers.random() < 0.7
        lines.append(set_line(line(style.script, int(numbers.integers(1, 6)), numbers, small), style.face, size))
    margin = (round(size * numbers.uniform(0.3, 1.5)), round(size * numbers.uniform(0.3, 1.5)))
    width, height, places = _stack(lines, numbers.uniform(0, 0.3), draw((0.0, 0.0, 0.5), numbers), margin)
    border = max(1, round(size * 0.1)) if numbers.random() < 0.3 else 0
    sheet = panel(width, height, ground, numbers, border=border)
    for one, (left, top) in zip(lines, places, strict=True):
        ink_line(sheet, one, left, top, style)
    return sheet


def plate(fonts: FontLibrary, size: int, numbers: np.random.Generator) -> Sheet:
    """A number plate, a house number, a price or a unit's number."""
    ground = sign_colour(numbers)
    style = Style(fonts.draw("latin", numbers), "latin", ink_colour(ground, 90, numbers), draw(("plain", "plain", "embossed"), numbers))
    one = set_line([number(numbers) for _ in range(int(numbers.integers(1, 3)))], style.face, size)
    margin = (round(size * numbers.uniform(0.15, 0.6)), round(size * numbers.uniform(0.05, 0.4)))
    width, height, ((left, top),) = _stack([one], 0, 0, margin)
    sheet = panel(width, height, ground, numbers, round(size * 0.15), 1 if numbers.random() < 0.5 else 0)
    ink_line(sheet, one, left, top, style)
    return sheet


def letters_on(ground: np.ndarray, fonts: FontLibrary, size: int, numbers: np.random.Generator) -> Sheet:
    """Letters straight on what is there, whose colour is about `ground`."""
    effects = ("plain", "plain", "outlined", "shadowed", "neon") if luma(ground) < 100 else ("plain", "plain", "outlined", "shadowed")
    style = _style(fonts, ground, numbers, effects)
    lines = []
    for _ in range(int(numbers.integers(1, 3))):
        words = line(style.script, int(numbers.integers(1, 4)), numbers)
        lines.append(set_line(words, style.face, size, margin=3 + size // 6))
    width, height, places = _stack(lines, 0.1, draw((0.0, 0.5), numbers), (1, 1))
    sheet = Sheet(np.tile(ground, (height, width, 1)).astype(np.float32), np.zeros((height, width), np.float32))
    for one, (left, top) in zip(lines, places, strict=True):
        ink_line(sheet, one, left, top, style)
    return sheet
