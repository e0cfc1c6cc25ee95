"""Things that stand in a street, as surfaces: windows, signs, plates, vehicles, trees."""

import numpy
from PIL import ImageFilter

from .materials import clouds, leaves, paint, weathered
from .surface import Surface, box


def window(numbers, width, height, frame=(226, 224, 218), bars=(2, 2), lit=None, curtain=0.3):
    """A sash window whose panes mirror the sky, or glow where `lit` is a colour."""
    glass = numpy.linspace(0.95, 0.45, height)[:, None, None] * paint(height, width, lit or (96, 112, 128))
    reflection = clouds(numbers, width, height, width * 0.7, 3)[..., None]
    glass = glass + (10 if lit else 22) * reflection
    surface = Surface.of(glass)
    if numbers.uniform() < curtain:
        tone = (210, 204, 192, 150) if not lit else (250, 226, 170, 160)
        for side in (0, 1):
            x0 = side * width * 0.72
            surface.blend(box(x0, 0, x0 + width * 0.28, height), tone, 3)
    draw = surface.draw
    edge = max(6, width // 22)
    draw.rectangle((0, 0, width - 1, height - 1), outline=frame, width=edge)
    for bar in range(1, bars[0]):
        x = width * bar // bars[0]
        draw.rectangle((x - edge // 3, 0, x + edge // 3, height), fill=frame)
    for bar in range(1, bars[1]):
        y = height * bar // bars[1]
        draw.rectangle((0, y - edge // 3, width, y + edge // 3), fill=frame)
    # The reveal above throws its shadow onto the glass.
    surface.blend(box(0, 0, width, height * 0.07), (10, 10, 14, 120), 4)
    return surface


def windows(wall, numbers, left, top, columns, rows, size, step, **style):
    """A grid of windows, each set into the wall with a sill."""
    for row in range(rows):
        for column in range(columns):
            x, y = left + column * step[0], top + row * step[1]
            wall.put(window(numbers, *size, **style), x, y)
            wall.blend(box(x - 8, y + size[1], x + size[0] + 8, y + size[1] + 14), (196, 192, 184, 255))
            wall.blend(box(x - 8, y + size[1] + 14, x + size[0] + 8, y + size[1] + 30), (20, 18, 18, 110), 5)


def board(width, height, colour, border=None, rounded=0, numbers=None, wear=0.02):
    """A flat sign without its text."""
    surface = Surface(width, height)
    surface.draw.rounded_rectangle((0, 0, width - 1, height - 1), rounded, fill=tuple(colour) + (255,))
    if numbers is not None:
        pixels = numpy.asarray(surface.image).astype(numpy.float32)
        pixels[..., :3] = weathered(pixels[..., :3], numbers, wear, 1.5)
        mask = surface.image.getchannel("A")
        surface = Surface.of(pixels)
        surface.image.putalpha(mask)
    if border:
        inset = max(4, min(width, height) // 24)
        surface.draw.rounded_rectangle(
            (inset, inset, width - 1 - inset, height - 1 - inset), max(0, rounded - inset), outline=border, width=max(3, inset // 2)
        )
    return surface


def lettered(surface, rows, name, colour, top, leading, anchor="mm", x=None, ignore=False, outline=None):
    """Lines of (text, size) one below the other, `leading` times their size apart."""
    y = top
    for text, size in rows:
        surface.write(text, surface.width / 2 if x is None else x, y + size / 2, name, size, colour, anchor, ignore, outline)
        y += size * leading
    return y


def number_plate(text, colour=(240, 238, 228), ink=(24, 24, 28), band=(28, 62, 150)):
    plate = board(520, 112, colour, rounded=10)
    plate.draw.rounded_rectangle((3, 3, 516, 108), 9, outline=ink, width=3)
    plate.draw.rectangle((6, 7, 50, 105), fill=band)
    plate.write(text, 284, 57, "narrow", 92, ink, spacing=6)
    return plate


def car_rear(numbers, colour, plate, width=1000):
    """The back of a car, seen straight on, with its plate."""
    height = int(width * 0.78)
    car = Surface(width, height)
    draw = car.draw
    w, h = width, height
    dark = tuple(int(part * 0.55) for part in colour)
    draw.ellipse((0.07 * w, 0.74 * h, 0.21 * w, 0.99 * h), fill=(24, 24, 26))
    draw.ellipse((0.79 * w, 0.74 * h, 0.93 * w, 0.99 * h), fill=(24, 24, 26))
    draw.polygon([(0.2 * w, 0.06 * h), (0.8 * w, 0.06 * h), (0.92 * w, 0.42 * h), (0.08 * w, 0.42 * h)], fill=dark)
    draw.rounded_rectangle((0.04 * w, 0.36 * h, 0.96 * w, 0.88 * h), int(0.07 * w), fill=colour)
    draw.polygon([(0.23 * w, 0.1 * h), (0.77 * w, 0.1 * h), (0.86 * w, 0.38 * h), (0.14 * w, 0.38 * h)], fill=(46, 54, 64))
    car.blend([(0.25 * w, 0.11 * h), (0.5 * w, 0.11 * h), (0.36 * w, 0.37 * h), (0.17 * w, 0.37 * h)], (190, 204, 216, 90), 12)
    for side in (0.05, 0.78):
        draw.rounded_rectangle((side * w, 0.43 * h, (side + 0.17) * w, 0.56 * h), int(0.02 * w), fill=(150, 18, 22))
        draw.rectangle(((side + 0.04) * w, 0.455 * h, (side + 0.12) * w, 0.485 * h), fill=(232, 120, 110))
    draw.rounded_rectangle((0.03 * w, 0.74 * h, 0.97 * w, 0.9 * h), int(0.04 * w), fill=dark)
    draw.line((0.06 * w, 0.6 * h, 0.94 * w, 0.6 * h), fill=dark, width=4)
    draw.ellipse((0.475 * w, 0.45 * h, 0.525 * w, 0.515 * h), fill=(188, 190, 194))
    draw.rounded_rectangle((0.29 * w, 0.6 * h, 0.71 * w, 0.74 * h), int(0.02 * w), fill=dark)
    pixels = numpy.asarray(car.image).astype(numpy.float32)
    shine = 1.1 - 0.35 * numpy.linspace(0, 1, height)[:, None, None] ** 2 + 0.04 * clouds(numbers, w, h, w / 2)[..., None]
    pixels[..., :3] *= shine
    finished = Surface.of(pixels)
    plate_width = 0.36 * w
    plate_height = plate_width * plate.height / plate.width
    finished.place(plate, box(w / 2 - plate_width / 2, 0.628 * h, w / 2 + plate_width / 2, 0.628 * h + plate_height), 0.6, (0, 4))
    return finished


def tree(numbers, width, height, colour=(62, 92, 44)):
    surface = Surface(width, height)
    surface.draw.polygon(
        [(width * 0.47, height * 0.5), (width * 0.53, height * 0.5), (width * 0.56, height), (width * 0.45, height)], fill=(70, 56, 44, 255)
    )
    surface.put(Surface.of(leaves(numbers, width, int(height * 0.8), colour)), 0, 0)
    return surface


def pole(surface, x, top, bottom, width=26, colour=(92, 96, 100)):
    """A round metal pole: bright along one side."""
    for step in range(width):
        bright = 0.6 + 0.55 * numpy.sin(numpy.pi * (step + 1) / (width + 1) * 0.8 + 0.3)
        tone = tuple(int(min(255, part * bright)) for part in colour)
        surface.draw.line((x + step, top, x + step, bottom), fill=tone + (255,))


def awning(numbers, width, height, colours):
    """A striped awning over a shop window."""
    surface = Surface(width, height)
    count = 14
    for index in range(count):
        x0, x1 = width * index / count, width * (index + 1) / count
        tone = colours[index % 2]
        surface.draw.polygon(
            [(x0 * 0.94 + width * 0.03, 0), (x1 * 0.94 + width * 0.03, 0), (x1, height * 0.8), (x0, height * 0.8)], fill=tone + (255,)
        )
        surface.draw.pieslice((x0, height * 0.64, x1, height * 0.96), 0, 180, fill=tone + (255,))
    surface.image.alpha_composite(shaded(surface, numbers).image)
    return surface


def shaded(surface, numbers):
    pixels = numpy.asarray(surface.image).astype(numpy.float32)
    pixels[..., :3] *= numpy.linspace(1.08, 0.74, surface.height)[:, None, None]
    pixels[..., :3] += 3 * clouds(numbers, surface.width, surface.height, 90)[..., None]
    return Surface.of(pixels)


def shop_window(numbers, width, height, frame=(44, 50, 54), lit=None):
    """Plate glass with a dim room behind it: shelves and round goods."""
    surface = Surface.of(paint(height, width, lit or (58, 60, 62)) * numpy.linspace(0.75, 1.1, height)[:, None, None])
    draw = surface.draw
    goods = ((150, 112, 70), (176, 150, 104), (112, 70, 60), (84, 104, 92), (182, 172, 160))
    for shelf in range(3):
        y = int(height * (0.42 + 0.24 * shelf))
        draw.rectangle((0, y, width, y + 12), fill=(104, 88, 70))
        x = numbers.uniform(10, 60)
        while x < width - 60:
            size = numbers.uniform(0.07, 0.16) * height
            tone = goods[numbers.integers(len(goods))]
            draw.ellipse((x, y - size, x + size * numbers.uniform(0.8, 1.6), y), fill=tone)
            x += size * numbers.uniform(1.2, 2.4)
    surface.image = surface.image.filter(ImageFilter.GaussianBlur(5))
    surface.blend([(width * 0.1, 0), (width * 0.34, 0), (width * 0.16, height), (-width * 0.1, height)], (226, 236, 246, 46), 20)
    surface.blend([(width * 0.5, 0), (width * 0.86, 0), (width * 0.6, height), (width * 0.26, height)], (226, 236, 246, 34), 24)
    surface.draw.rectangle((0, 0, width - 1, height - 1), outline=frame, width=14)
    return surface


def mesh(surface, numbers, pitch=44, colour=(150, 154, 158, 235)):
    """A chain-link fence in front of everything that is there."""
    draw = surface.draw
    reach = surface.width + surface.height
    for start in range(-surface.height, reach, pitch):
        wave = numbers.uniform(-2, 2)
        draw.line((start + wave, 0, start + surface.height, surface.height), fill=colour, width=4)
        draw.line((start + wave, surface.height, start + surface.height, 0), fill=colour, width=4)
