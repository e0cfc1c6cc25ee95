"""Sheets with few words: signs, plates, neon, letters on a wall, banners and badges."""

import cv2
import numpy as np

from .boards import board, fitting, stacked
from .colours import ink_colour, luma, sign_colour
from .curves import on_arc, on_wave
from .fonts import FontLibrary
from .geometry import Sheet
from .ink import Style, draw_style, margin_for, write
from .lettering import Line
from .words import draw, line, number

BOARD_EFFECTS = ("plain",) * 8 + ("outlined", "shadowed", "shadowed", "embossed", "embossed", "worn")
WALL_EFFECTS = ("plain", "plain", "plain", "outlined", "shadowed", "worn")


def sign(fonts: FontLibrary, size: float, room: int, numbers: np.random.Generator) -> Sheet:
    """A shop's or a street's sign: one to three lines, the first at `size` pixels per em, in `room` pixels."""
    ground = sign_colour(numbers)
    style = draw_style(fonts, ground, numbers, BOARD_EFFECTS)
    margin = (round(size * numbers.uniform(0.2, 1.2)), round(size * numbers.uniform(0.1, 0.7)))
    free = max(20, room - 2 * margin[0])
    lines = []
    for index in range(int(numbers.integers(1, 4))):
        em = size * (1 if index == 0 else numbers.uniform(0.45, 1))
        tracking = numbers.uniform(0.05, 0.4) if numbers.random() < 0.12 else 0.0
        words = line(style.script, int(numbers.integers(1, 5)), numbers)
        lines.append(fitting(words, style.face, max(11, em), free, tracking, margin_for(style.effect, em)))
    arranged = stacked(lines, numbers.uniform(0.7, 1.3), draw((0.0, 0.5, 0.5, 0.5), numbers), margin, room)
    rounding = round(size * numbers.uniform(0.1, 0.6)) if numbers.random() < 0.3 else 0
    border = max(1, round(size * 0.06)) if numbers.random() < 0.35 else 0
    sheet = board(arranged.width, arranged.height, ground, numbers, rounding, border)
    sheet.lit = numbers.random() < 0.25
    for one, (left, top) in zip(arranged.lines, arranged.places, strict=True):
        write(sheet, one, left, top, style, numbers)
    return sheet


def plate(fonts: FontLibrary, size: float, room: int, numbers: np.random.Generator) -> Sheet:
    """A number plate, a house number, a price or a unit's number."""
    ground = sign_colour(numbers)
    effect = draw(("plain", "plain", "plain", "embossed"), numbers)
    style = Style(fonts.draw("latin", numbers), "latin", ink_colour(ground, 90, numbers), effect)
    margin = (round(size * numbers.uniform(0.15, 0.6)), round(size * numbers.uniform(0.05, 0.4)))
    words = [number(numbers) for _ in range(int(numbers.integers(1, 3)))]
    one = fitting(words, style.face, size, max(20, room - 2 * margin[0]))
    arranged = stacked([one], 1, 0, margin, room)
    sheet = board(arranged.width, arranged.height, ground, numbers, round(size * 0.15), 1 if numbers.random() < 0.5 else 0)
    write(sheet, one, *arranged.places[0], style, numbers)
    return sheet


def letters(ground: np.ndarray, fonts: FontLibrary, size: float, room: int, numbers: np.random.Generator) -> Sheet:
    """Letters by themselves on what is there, whose colour is about `ground`; some bent."""
    style = draw_style(fonts, ground, numbers, (*WALL_EFFECTS, "neon", "neon") if luma(ground) < 90 else WALL_EFFECTS)
    margin = margin_for(style.effect, size)
    bent = numbers.random() < 0.2
    lines = []
    for _ in range(1 if bent else int(numbers.integers(1, 3))):
        tracking = numbers.uniform(0.05, 0.5) if numbers.random() < 0.15 else 0.0
        words = line(style.script, int(numbers.integers(1, 4)), numbers)
        one = fitting(words, style.face, size, round(0.7 * room) if bent else room - 2, tracking, margin)
        lines.append(_bent(one, numbers) if bent else one)
    arranged = stacked(lines, numbers.uniform(0.7, 1.2), draw((0.0, 0.5), numbers), (1, 1), room)
    pixels = np.empty((arranged.height, arranged.width, 3), np.uint8)
    pixels[...] = ground.astype(np.uint8)
    sheet = Sheet(pixels, np.zeros(pixels.shape[:2], np.uint8), opaque=False, lit=style.effect == "neon")
    for one, (left, top) in zip(arranged.lines, arranged.places, strict=True):
        write(sheet, one, left, top, style, numbers)
    return sheet


def _bent(one: Line, numbers: np.random.Generator) -> Line:
    if numbers.random() < 0.35:
        return on_wave(one, one.height * numbers.uniform(0.1, 0.4), one.width * numbers.uniform(0.9, 2.5))
    return on_arc(one, one.width * numbers.uniform(0.3, 2.0) * (1 if numbers.random() < 0.7 else -1))


def banner(fonts: FontLibrary, size: float, room: int, numbers: np.random.Generator) -> Sheet:
    """A board or a cloth with a bent line and perhaps a straight one below."""
    ground = sign_colour(numbers)
    style = draw_style(fonts, ground, numbers, BOARD_EFFECTS)
    margin = (round(size * 0.5), round(size * 0.4))
    words = line(style.script, int(numbers.integers(1, 4)), numbers)
    lines = [
        _bent(
            fitting(words, style.face, size, round(0.7 * room) - 2 * margin[0], 0.0, margin_for(style.effect, size)),
            numbers,
        )
    ]
    if numbers.random() < 0.5:
        words = line(style.script, int(numbers.integers(1, 4)), numbers)
        lines.append(fitting(words, style.face, max(11, 0.6 * size), lines[0].width, 0.0, margin_for(style.effect, size)))
    arranged = stacked(lines, 0.5, 0.5, margin, room)
    sheet = board(arranged.width, arranged.height, ground, numbers, round(size * 0.3))
    for one, (left, top) in zip(arranged.lines, arranged.places, strict=True):
        write(sheet, one, left, top, style, numbers)
    return sheet


def badge(fonts: FontLibrary, size: float, room: int, numbers: np.random.Generator) -> Sheet:
    """A round sign: a line along the upper rim, perhaps one along the lower, something in the middle."""
    size = min(size, room / 7)
    ground = sign_colour(numbers)
    style = draw_style(fonts, ground, numbers)
    side = min(room, round(size * numbers.uniform(6, 9)))
    radius = side / 2 - size
    sheet = board(side, side, ground, numbers, side // 2)
    rim = ink_colour(ground, 50, numbers).tolist()
    cv2.circle(sheet.pixels, (side // 2, side // 2), side // 2 - 2, rim, max(1, round(size / 14)), cv2.LINE_AA)
    if numbers.random() < 0.6:
        middle = fitting([number(numbers)], style.face, 1.2 * size, max(20, round(1.4 * (radius - size))))
        if np.hypot(middle.width, middle.height) < 2 * (radius - size):
            write(sheet, middle, (side - middle.width) // 2, (side - middle.height) // 2, style, numbers)
    for upwards in (True, False) if numbers.random() < 0.6 else (True,):
        words = line(style.script, int(numbers.integers(1, 4)), numbers)
        flat = fitting(words, style.face, size, round(2.2 * radius))
        one = on_arc(flat, radius if upwards else -radius)
        # The line's middle lies on a circle of that radius around the middle of the badge.
        reach = radius + flat.height / 2
        top = round(side / 2 - reach) if upwards else round(side / 2 + reach) - one.height
        left = (side - one.width) // 2
        if left >= 0 and top >= 0 and left + one.width <= side and top + one.height <= side:
            write(sheet, one, left, top, style, numbers)
    return sheet
