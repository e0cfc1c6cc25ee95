"""What looks like text and is none: fences, gratings, windows, foliage, shelves, barcodes, icons, dots and scribbles.

Every function draws one piece, a sheet without words; a network that never saw these finds words in every fence.
"""

import cv2
import numpy as np

from .backgrounds import clouds
from .colours import ink_colour, material_colour, sign_colour
from .geometry import Sheet
from .words import draw


def _extent(numbers: np.random.Generator, least: int, most: int) -> tuple[int, int]:
    width, height = np.exp(numbers.uniform(np.log(min(least, most)), np.log(most), 2))
    return int(width), int(height)


def _empty(width: int, height: int, colour: np.ndarray, alpha: int) -> Sheet:
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[...] = colour.astype(np.uint8)
    return Sheet(pixels, np.full((height, width), alpha, np.uint8), opaque=alpha > 0)


def fence(numbers: np.random.Generator, most: int) -> Sheet:
    """Upright bars and a few rails; what is behind shows through. Turned, they are wires and blinds."""
    width, height = _extent(numbers, 40, most)
    sheet = _empty(width, height, material_colour(numbers), 0)
    pitch = int(numbers.integers(4, 28))
    thick = max(1, round(pitch * numbers.uniform(0.15, 0.6)))
    sheet.alpha[:, np.arange(width) % pitch < thick] = 255
    for _ in range(int(numbers.integers(0, 4))):
        y = int(numbers.integers(height))
        sheet.alpha[y : y + thick] = 255
    if numbers.random() < 0.4:
        sheet.pixels, sheet.alpha = sheet.pixels.transpose(1, 0, 2).copy(), sheet.alpha.T.copy()
    return sheet


def grating(numbers: np.random.Generator, most: int) -> Sheet:
    """Rows of slots, holes or lamps."""
    width, height = _extent(numbers, 30, most)
    ground = material_colour(numbers)
    sheet = _empty(width, height, ground, draw((0, 255, 255), numbers))
    across, down = int(numbers.integers(4, 30)), int(numbers.integers(4, 30))
    x, y = np.arange(width) % across, np.arange(height) % down
    share = numbers.uniform(0.3, 0.8, 2)
    if numbers.random() < 0.5:
        hole = (x < share[0] * across)[None, :] & (y < share[1] * down)[:, None]
    else:
        hole = np.hypot(x[None, :] - across / 2, y[:, None] - down / 2) < 0.5 * share[0] * min(across, down)
    sheet.pixels[hole] = ink_colour(ground, 30, numbers).astype(np.uint8)
    sheet.alpha[hole] = 255
    return sheet


def facade(numbers: np.random.Generator, most: int) -> Sheet:
    """Windows with frames, each of its own brightness."""
    width, height = _extent(numbers, 60, most)
    sheet = _empty(width, height, material_colour(numbers) * 0.7, 255)
    across, down = int(numbers.integers(10, 60)), int(numbers.integers(12, 70))
    frame = max(1, round(min(across, down) * numbers.uniform(0.05, 0.25)))
    pane = material_colour(numbers) * 0.6
    crossed = numbers.random() < 0.5
    for y in range(frame, height - down + frame, down):
        for x in range(frame, width - across + frame, across):
            right, bottom = x + across - 2 * frame, y + down - 2 * frame
            cv2.rectangle(sheet.pixels, (x, y), (right, bottom), np.clip(pane + numbers.normal(0, 30), 0, 255).tolist(), -1)
            if crossed:
                cv2.line(sheet.pixels, ((x + right) // 2, y), ((x + right) // 2, bottom), (40, 40, 40), 1)
    return sheet


def foliage(numbers: np.random.Generator, most: int) -> Sheet:
    """Leaves and twigs."""
    width, height = _extent(numbers, 60, most)
    green = np.array([numbers.uniform(20, 110), numbers.uniform(60, 150), numbers.uniform(10, 70)])
    sheet = _empty(width, height, green, 0)
    size = numbers.uniform(3, 12)
    for _ in range(min(500, int(1.2 * width * height / size**2))):
        centre = (int(numbers.integers(width)), int(numbers.integers(height)))
        axes = (max(1, int(size * numbers.uniform(0.4, 1.2))), max(1, int(size * numbers.uniform(0.15, 0.6))))
        angle = numbers.uniform(0, 180)
        cv2.ellipse(sheet.pixels, centre, axes, angle, 0, 360, np.clip(green * numbers.uniform(0.4, 1.7), 0, 255).tolist(), -1)
        cv2.ellipse(sheet.alpha, centre, axes, angle, 0, 360, 255, -1)
    return sheet


def shelf(numbers: np.random.Generator, most: int) -> Sheet:
    """Rows of goods: boxes, bottles and books side by side, of all colours, without lettering."""
    width, height = _extent(numbers, 60, most)
    sheet = _empty(width, height, material_colour(numbers) * 0.5, 255)
    row, light = int(numbers.integers(14, 70)), numbers.uniform(0.4, 1)
    for bottom in range(row, height + row, row):
        x = 0
        while x < width:
            wide = int(numbers.integers(3, max(5, row)))
            tall = int(row * numbers.uniform(0.5, 0.92))
            colour = sign_colour(numbers) if numbers.random() < 0.3 else material_colour(numbers)
            cv2.rectangle(sheet.pixels, (x, bottom - tall), (x + wide - 1, bottom - 2), (light * colour).tolist(), -1)
            x += wide + int(numbers.integers(0, 3))
    return sheet


def barcode(numbers: np.random.Generator, most: int) -> Sheet:
    """Bars, or the squares of a matrix code."""
    width, height = _extent(numbers, 24, min(160, most))
    ground = material_colour(numbers)
    sheet = _empty(width, height, ground, 255)
    module = int(numbers.integers(1, 6))
    rows = 1 if numbers.random() < 0.6 else height // module + 1
    dark = numbers.random((rows, width // module + 1)) < 0.5
    mask = cv2.resize(dark.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST).astype(bool)
    quiet = min(4 * module, width // 4, height // 4)
    mask[:quiet] = mask[-quiet:] = mask[:, :quiet] = mask[:, -quiet:] = False
    sheet.pixels[mask] = ink_colour(ground, 60, numbers).astype(np.uint8)
    return sheet


def blank(numbers: np.random.Generator, most: int) -> Sheet:
    """A board without words: empty, with a border, stripes or an icon."""
    width, height = _extent(numbers, 20, most)
    ground = sign_colour(numbers)
    sheet = _empty(width, height, ground, 255)
    colour = ink_colour(ground, 40, numbers)
    if numbers.random() < 0.4:
        cv2.rectangle(sheet.pixels, (1, 1), (width - 2, height - 2), colour.tolist(), int(numbers.integers(1, 5)))
    kind = numbers.random()
    if kind < 0.5:
        side = int(0.7 * min(width, height))
        x, y = int(numbers.integers(0, width - side + 1)), int(numbers.integers(0, height - side + 1))
        icon(sheet.pixels[y : y + side, x : x + side], colour, ground, numbers)
    elif kind < 0.75:
        pitch = int(numbers.integers(6, 40))
        slanted = (np.arange(width)[None, :] + np.arange(height)[:, None]) % pitch < pitch // 2
        sheet.pixels[slanted] = colour.astype(np.uint8)
    return sheet


def scribble(numbers: np.random.Generator, most: int) -> Sheet:
    """Cables, cracks, branches: long curves that no letter has."""
    width, height = _extent(numbers, 80, most)
    sheet = _empty(width, height, material_colour(numbers) * 0.6, 0)
    for _ in range(int(numbers.integers(1, 6))):
        along = np.linspace(0, width, 30)
        sway = height * (0.5 + 0.4 * np.interp(along, np.linspace(0, width, 6), numbers.uniform(-1, 1, 6)))
        points = np.column_stack([along, sway]).round().astype(np.int32)
        cv2.polylines(sheet.alpha, [points], False, 255, int(numbers.integers(1, 4)), cv2.LINE_AA)
    return sheet


def shape(numbers: np.random.Generator, most: int) -> Sheet:
    """Something smooth with light and shade: a head, a bag, a car's wing."""
    width, height = _extent(numbers, 30, most)
    sheet = _empty(width, height, material_colour(numbers) * 0.8, 0)
    light = np.clip(numbers.uniform(0.5, 1) + 0.25 * clouds(max(2, width // 6), max(2, height // 6), 6, numbers, 1), 0.1, 1.3)
    shade = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    sheet.pixels = np.clip(sheet.pixels * shade[..., None], 0, 255).astype(np.uint8)
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    reach = 0.5 - 0.25 * np.interp(angles, np.linspace(0, 2 * np.pi, 7), np.append(bumps := numbers.uniform(0, 1, 6), bumps[0]))
    points = np.column_stack([width * (0.5 + reach * np.cos(angles)), height * (0.5 + reach * np.sin(angles))])
    cv2.fillPoly(sheet.alpha, [points.round().astype(np.int32)], 255, cv2.LINE_AA)
    return sheet


def icon(square: np.ndarray, colour: np.ndarray, ground: np.ndarray, numbers: np.random.Generator) -> None:
    """Draws an arrow, a figure, a ring, a crossed ring, a triangle, a cup or a plus on a square of pixels (changed)."""
    side = square.shape[0]
    if side < 6:
        return
    ink, back = colour.tolist(), ground.tolist()
    middle, thick = side // 2, max(1, side // 8)
    # OpenCV draws on contiguous arrays only.
    canvas = square.copy()

    def at(*points: tuple[float, float]) -> np.ndarray:
        return np.array([[round(x * side), round(y * side)] for x, y in points], np.int32)

    kind = draw(("arrow", "arrow", "figure", "ring", "crossed", "triangle", "cup", "plus"), numbers)
    if kind == "arrow":
        shaft = at((0.1, 0.42), (0.5, 0.42), (0.5, 0.15), (0.92, 0.5), (0.5, 0.85), (0.5, 0.58), (0.1, 0.58))
        cv2.fillPoly(canvas, [shaft], ink, cv2.LINE_AA)
        for _ in range(int(numbers.integers(4))):
            canvas = np.ascontiguousarray(np.rot90(canvas))
    elif kind == "figure":
        cv2.circle(canvas, (middle, side // 6), max(1, side // 8), ink, -1, cv2.LINE_AA)
        cv2.fillPoly(
            canvas,
            [at((0.3, 0.32), (0.7, 0.32), (0.62, 0.95), (0.52, 0.95), (0.5, 0.6), (0.48, 0.95), (0.38, 0.95))],
            ink,
            cv2.LINE_AA,
        )
    elif kind in ("ring", "crossed"):
        cv2.circle(canvas, (middle, middle), int(0.42 * side), ink, thick, cv2.LINE_AA)
        if kind == "crossed":
            cv2.line(
                canvas,
                tuple(at((0.22, 0.22))[0].tolist()),
                tuple(at((0.78, 0.78))[0].tolist()),
                ink,
                thick,
                cv2.LINE_AA,
            )
    elif kind == "triangle":
        cv2.fillPoly(canvas, [at((0.5, 0.08), (0.95, 0.9), (0.05, 0.9))], ink, cv2.LINE_AA)
        cv2.fillPoly(canvas, [at((0.5, 0.3), (0.78, 0.8), (0.22, 0.8))], back, cv2.LINE_AA)
    elif kind == "cup":
        cv2.fillPoly(canvas, [at((0.15, 0.35), (0.7, 0.35), (0.6, 0.85), (0.25, 0.85))], ink, cv2.LINE_AA)
        cv2.ellipse(
            canvas,
            (int(0.72 * side), int(0.52 * side)),
            (int(0.13 * side), int(0.13 * side)),
            0,
            -90,
            120,
            ink,
            thick,
            cv2.LINE_AA,
        )
    else:
        cv2.rectangle(canvas, at((0.4, 0.1))[0].tolist(), at((0.6, 0.9))[0].tolist(), ink, -1)
        cv2.rectangle(canvas, at((0.1, 0.4))[0].tolist(), at((0.9, 0.6))[0].tolist(), ink, -1)
    square[...] = canvas


CLUTTER = (fence, fence, grating, facade, foliage, shelf, barcode, blank, blank, blank, scribble, shape, shape)


def piece_of_clutter(numbers: np.random.Generator, most: int) -> Sheet:
    """One piece of clutter, up to `most` pixels wide and high."""
    return draw(CLUTTER, numbers)(numbers, most)
