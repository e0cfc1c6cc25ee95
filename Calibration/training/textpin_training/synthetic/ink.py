"""Putting lines on sheets: plain, outlined, shadowed, embossed, neon, dotted, worn."""

from dataclasses import dataclass

import cv2
import numpy as np

from .colours import faint_ink, ink_colour, luma, mean_colour
from .fonts import FontFace, FontLibrary
from .geometry import Sheet, Word, blend
from .lettering import Line
from .words import draw, draw_script


@dataclass(frozen=True)
class Style:
    """How the letters of a sheet look.

    colour: R G B, 0 to 255. effect: one of plain, outlined, shadowed, embossed, neon, dotted, worn.
    fade: how much darker the letters are at their foot.
    """

    face: FontFace
    script: str
    colour: np.ndarray
    effect: str = "plain"
    fade: float = 0.0


def draw_style(fonts: FontLibrary, ground: np.ndarray, numbers: np.random.Generator, effects: tuple[str, ...] = ("plain",)) -> Style:
    """A style for a ground of this colour; one in ten is hard to see."""
    script = draw_script(fonts.scripts, numbers)
    colour = faint_ink(ground, numbers) if numbers.random() < 0.1 else ink_colour(ground, 70, numbers)
    fade = numbers.uniform(0.2, 0.6) if numbers.random() < 0.1 else 0.0
    return Style(fonts.draw(script, numbers), script, colour, draw(effects, numbers), fade)


def margin_for(effect: str, size: float) -> int:
    """Pixels around the ink that an effect needs at `size` pixels per em."""
    return 3 + round(size * {"neon": 0.3, "outlined": 0.1, "shadowed": 0.12}.get(effect, 0.0))


def write(sheet: Sheet, line: Line, left: int, top: int, style: Style, numbers: np.random.Generator) -> None:
    """Writes the line with its top left corner at (left, top), wholly on the sheet, and adds its words to the sheet's.

    On a sheet of letters alone, the sheet becomes opaque where the letters and their shadows are.
    """
    ground = sheet.pixels[top : top + line.height, left : left + line.width]
    cover = sheet.alpha[top : top + line.height, left : left + line.width]
    around = mean_colour(ground)
    # About a tenth of a letter's height; the ink's array is about twice as high as a small letter.
    reach = max(1, round(line.height / 16))
    ink, colour = line.ink, style.colour
    ground_luma = float(luma(around)) if sheet.opaque else None

    def lay(mask: np.ndarray, what: np.ndarray) -> None:
        blend(ground, what, mask)
        if not sheet.opaque:
            np.maximum(cover, mask, out=cover)

    if style.effect == "shadowed":
        lay(_scaled(_shifted(cv2.blur(ink, (reach + 1, reach + 1)), reach), 0.7), around * 0.25)
    elif style.effect == "outlined":
        rim_colour = np.full(3, 245.0 if luma(colour) < 128 else 15.0, np.float32)
        ground_luma = float(luma(rim_colour))
        lay(cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))), rim_colour)
    elif style.effect == "embossed":
        lay(_scaled(_shifted(ink, -1), 0.8), np.minimum(around + 70, 255))
        lay(_scaled(_shifted(ink, 1), 0.8), around * 0.4)
    elif style.effect == "neon":
        lay(_scaled(cv2.GaussianBlur(ink, (0, 0), 1.2 * reach + 1), 0.9), colour)
        colour = np.minimum(colour + 110, 255)
    elif style.effect == "dotted":
        ink = _dotted(ink)
    elif style.effect == "worn":
        grid = numbers.uniform(0.1, 1.6, (line.height // 3 + 2, line.width // 3 + 2)).astype(np.float32)
        wear = cv2.resize(grid, (line.width, line.height), interpolation=cv2.INTER_LINEAR)
        ink = (ink * np.minimum(wear, 1)).astype(np.uint8)
    if style.fade:
        colour = (colour * np.linspace(1, 1 - style.fade, line.height, dtype=np.float32)[:, None, None]).repeat(line.width, axis=1).astype(np.uint8)
    lay(ink, colour)
    ink_luma = float(luma(colour).mean())
    for word in line.words:
        sheet.words.append(Word(word.text, word.outline + (left, top), ink_luma, ground_luma))


def _shifted(mask: np.ndarray, by: int) -> np.ndarray:
    """Moved right and down by so many pixels, left and up if negative."""
    result = np.zeros_like(mask)
    height, width = mask.shape
    forward, back = max(by, 0), max(-by, 0)
    result[forward : height - back, forward : width - back] = mask[back : height - forward, back : width - forward]
    return result


def _scaled(mask: np.ndarray, factor: float) -> np.ndarray:
    return cv2.convertScaleAbs(mask, alpha=factor)


def _dotted(ink: np.ndarray) -> np.ndarray:
    """As lamps show it: round dots, about seven to a capital's height, or as many as there are pixels for."""
    pitch = max(3, round(ink.shape[0] / 11))
    across, down = np.arange(ink.shape[1]) % pitch, np.arange(ink.shape[0]) % pitch
    middle = (pitch - 1) / 2
    inside = np.hypot(across[None, :] - middle, down[:, None] - middle) <= 0.5 * pitch
    return np.where(inside, ink, ink // 5)
