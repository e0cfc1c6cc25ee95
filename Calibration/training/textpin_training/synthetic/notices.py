"""Sheets with many words: labels, posters, timetables, price lists, wayfinding boards and screens."""

import cv2
import numpy as np

from .boards import board, fitting, stacked
from .clutter import icon
from .colours import ink_colour, luma, sign_colour
from .fonts import FontLibrary
from .geometry import Sheet
from .ink import Style, draw_style, write
from .words import draw, line, number


def label(fonts: FontLibrary, size: float, room: int, numbers: np.random.Generator) -> Sheet:
    """A notice: a heading and lines of small print at `size` pixels per em."""
    ground = sign_colour(numbers)
    style = draw_style(fonts, ground, numbers)
    margin = (round(size * numbers.uniform(0.3, 1.5)), round(size * numbers.uniform(0.3, 1.5)))
    free = max(40, round(room * numbers.uniform(0.4, 1)) - 2 * margin[0])
    lines = []
    if numbers.random() < 0.7:
        lines.append(
            fitting(
                line(style.script, int(numbers.integers(1, 4)), numbers),
                style.face,
                size * numbers.uniform(1.3, 2.5),
                free,
            )
        )
    for _ in range(int(numbers.integers(2, 9))):
        words = line(style.script, int(numbers.integers(1, 6)), numbers, small_print=numbers.random() < 0.7)
        lines.append(fitting(words, style.face, size, free))
    arranged = stacked(lines, numbers.uniform(0.8, 1.3), draw((0.0, 0.0, 0.5), numbers), margin, room)
    sheet = board(arranged.width, arranged.height, ground, numbers, border=1 if numbers.random() < 0.3 else 0)
    for one, (left, top) in zip(arranged.lines, arranged.places, strict=True):
        write(sheet, one, left, top, style, numbers)
    return sheet


def poster(fonts: FontLibrary, size: float, room: int, numbers: np.random.Generator) -> Sheet:
    """A picture of soft shapes with a large title and some smaller lines below."""
    ground = sign_colour(numbers)
    style = draw_style(fonts, ground, numbers, ("plain", "plain", "shadowed", "outlined"))
    width = min(room, round(size * numbers.uniform(5, 10)))
    title = fitting(
        line(style.script, int(numbers.integers(1, 3)), numbers),
        style.face,
        size * numbers.uniform(1, 2),
        width - 8,
        margin=5,
    )
    below = [
        fitting(line(style.script, int(numbers.integers(1, 5)), numbers, True), style.face, max(11, 0.5 * size), width - 8)
        for _ in range(int(numbers.integers(0, 4)))
    ]
    text = stacked([title, *below], numbers.uniform(0.8, 1.4), 0.5, (4, 4), room)
    height = min(room, max(text.height, round(width * numbers.uniform(0.6, 1.5))))
    sheet = board(max(width, text.width), height, ground, numbers, border=2 if numbers.random() < 0.3 else 0)
    sheet.lit = numbers.random() < 0.3
    shift = (int(numbers.integers(0, sheet.width - text.width + 1)), int(numbers.integers(0, height - text.height + 1)))
    for _ in range(int(numbers.integers(1, 6))):
        centre = (int(numbers.integers(sheet.width)), int(numbers.integers(height)))
        axes = (int(numbers.integers(4, sheet.width // 2 + 5)), int(numbers.integers(4, height // 2 + 5)))
        cv2.ellipse(sheet.pixels, centre, axes, numbers.uniform(0, 180), 0, 360, sign_colour(numbers).tolist(), -1, cv2.LINE_AA)
    # The text keeps its contrast: a band of the ground lies behind it.
    cv2.rectangle(sheet.pixels, shift, (shift[0] + text.width - 1, shift[1] + text.height - 1), ground.tolist(), -1)
    for one, (left, top) in zip(text.lines, text.places, strict=True):
        write(sheet, one, left + shift[0], top + shift[1], style, numbers)
    return sheet


def timetable(fonts: FontLibrary, size: float, room: int, numbers: np.random.Generator) -> Sheet:
    """Rows of a name at the left and numbers in columns, as in price lists, menus, directories and timetables."""
    ground = sign_colour(numbers)
    style = draw_style(fonts, ground, numbers)
    return _columns(style, ground, size, room, numbers)


def screen(fonts: FontLibrary, size: float, room: int, numbers: np.random.Generator) -> Sheet:
    """Lamps or pixels that shine: the same rows, bright on dark."""
    ground = numbers.uniform(0, 30, 3).astype(np.float32)
    colour = np.array(
        draw(((255, 150, 20), (250, 60, 40), (90, 250, 90), (240, 245, 255), (80, 190, 255), (255, 230, 80)), numbers),
        np.float32,
    )
    effect = "dotted" if size >= 18 and numbers.random() < 0.6 else "plain"
    sheet = _columns(Style(fonts.draw("latin", numbers), "latin", colour, effect), ground, size, room, numbers)
    sheet.lit = True
    return sheet


def _columns(style: Style, ground: np.ndarray, size: float, room: int, numbers: np.random.Generator) -> Sheet:
    rows = int(numbers.integers(2, 10))
    margin = (round(size * numbers.uniform(0.3, 1)), round(size * numbers.uniform(0.3, 1)))
    free = max(40, room - 2 * margin[0])
    names = [fitting(line(style.script, int(numbers.integers(1, 4)), numbers), style.face, size, round(0.6 * free)) for _ in range(rows)]
    arranged = stacked(names, numbers.uniform(0.9, 1.5), 0.0, margin, room)
    gap = round(size * numbers.uniform(0.5, 2))
    columns = []
    right = arranged.width - margin[0] + gap
    for _ in range(int(numbers.integers(1, 4))):
        cells = [fitting([number(numbers)], style.face, size, free) for _ in arranged.lines]
        width = max(cell.width for cell in cells)
        if right + width + margin[0] > room:
            break
        columns.append((right, width, cells))
        right += width + gap
    sheet = board(
        max(arranged.width, right - gap + margin[0]),
        arranged.height,
        ground,
        numbers,
        border=1 if numbers.random() < 0.3 else 0,
    )
    ruled = numbers.random() < 0.3
    rule = ink_colour(ground, 30, numbers).tolist()
    bottom = 0
    for row, (name, (left, top)) in enumerate(zip(arranged.lines, arranged.places, strict=True)):
        write(sheet, name, left, top, style, numbers)
        for x, width, cells in columns:
            cell = cells[row]
            # On the same baseline; never above what the row before reached, nor off the board.
            y = round(top + name.baseline - cell.baseline)
            if numbers.random() < 0.85 and y >= bottom and y + cell.height <= sheet.height:
                write(sheet, cell, x + width - cell.width, y, style, numbers)
        bottom = max(
            [
                top + name.height,
                *(round(top + name.baseline - cells[row].baseline) + cells[row].height for _, _, cells in columns),
            ]
        )
        if ruled and row + 1 < len(arranged.places) and bottom <= arranged.places[row + 1][1]:
            cv2.line(sheet.pixels, (0, bottom), (sheet.width, bottom), rule, 1)
    return sheet


def wayfinding(fonts: FontLibrary, size: float, room: int, numbers: np.random.Generator) -> Sheet:
    """Where things are: rows of an icon or an arrow, and words beside it."""
    ground = sign_colour(numbers)
    style = draw_style(fonts, ground, numbers)
    margin = (round(size * numbers.uniform(0.3, 1)), round(size * numbers.uniform(0.3, 0.8)))
    side = round(size * numbers.uniform(0.9, 1.4))
    free = max(40, room - 2 * margin[0] - 2 * side)
    lines = [fitting(line(style.script, int(numbers.integers(1, 4)), numbers), style.face, size, free) for _ in range(int(numbers.integers(1, 5)))]
    arranged = stacked(lines, numbers.uniform(1.1, 1.7), 0.0, margin, room)
    at_left = numbers.random() < 0.6
    indent = round(1.4 * side) if at_left else 0
    sheet = board(
        arranged.width + round(1.4 * side),
        arranged.height,
        ground,
        numbers,
        round(0.2 * size) if numbers.random() < 0.3 else 0,
    )
    sheet.lit = numbers.random() < 0.4
    for one, (left, top) in zip(arranged.lines, arranged.places, strict=True):
        write(sheet, one, left + indent, top, style, numbers)
        x = left if at_left else sheet.width - margin[0] - side
        y = round(top + one.baseline - 0.85 * side)
        if y >= 0 and y + side <= sheet.height and abs(luma(style.colour) - luma(ground)) > 20:
            icon(sheet.pixels[y : y + side, x : x + side], style.colour, ground, numbers)
    return sheet
