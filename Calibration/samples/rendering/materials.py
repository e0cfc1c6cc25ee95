"""What walls, streets and skies are made of: arrays of height x width x 3, 0 to 255."""

import numpy
from PIL import Image


def clouds(numbers, width, height, cell, octaves=4):
    """Smooth noise of mean 0 and deviation 1 whose largest features are `cell` pixels."""
    total = numpy.zeros((height, width), numpy.float32)
    strength = 1.0
    for _ in range(octaves):
        grid = numbers.standard_normal((max(2, int(height / cell) + 3), max(2, int(width / cell) + 3))).astype(numpy.float32)
        total += strength * numpy.asarray(Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC))
        strength *= 0.5
        cell = max(2, cell / 2)
    return (total - total.mean()) / (total.std() + 1e-6)


def paint(height, width, colour):
    return numpy.ones((height, width, 1), numpy.float32) * numpy.asarray(colour, numpy.float32)


def weathered(pixels, numbers, stains=0.05, grain=3.0):
    """Uneven brightness, streaks that rain left, and fine grain."""
    height, width = pixels.shape[:2]
    streaks = clouds(numbers, width, 8, 40, 2)[:1].repeat(height, axis=0) * numpy.linspace(1, 0.2, height, dtype=numpy.float32)[:, None]
    shade = 1 + stains * clouds(numbers, width, height, width / 4) + 0.4 * stains * streaks
    noise = grain * numbers.standard_normal((height, width)).astype(numpy.float32)
    return pixels * shade[..., None] + noise[..., None]


def plaster(numbers, width, height, colour, stains=0.05):
    rough = 3 * clouds(numbers, width, height, 10, 2)
    return weathered(paint(height, width, colour), numbers, stains) + rough[..., None]


def bricks(numbers, width, height, colour, brick=(84, 28), mortar=(176, 168, 156), joint=4, variety=16):
    """Running bond: each brick of its own shade, lit from above."""
    long, tall = brick
    y, x = numpy.mgrid[0:height, 0:width]
    row = y // tall
    moved = x + (row % 2) * (long // 2)
    column = moved // long
    inside_x, inside_y = moved % long, y % tall
    shades = numbers.normal(0, variety, (row.max() + 1, column.max() + 1, 1)) + numbers.normal(
        0, variety / 4, (row.max() + 1, column.max() + 1, 3)
    )
    pixels = numpy.asarray(colour, numpy.float32) + shades[row, column].astype(numpy.float32)
    pixels += 5 * clouds(numbers, width, height, 6, 2)[..., None]
    edge = (inside_y == joint).astype(numpy.float32) * 14 - (inside_y >= tall - 2) * 20 - (inside_x >= long - 2) * 8
    pixels += edge[..., None]
    in_joint = (inside_x < joint) | (inside_y < joint)
    pixels[in_joint] = numpy.asarray(mortar, numpy.float32) + 6 * clouds(numbers, width, height, 8, 2)[in_joint][:, None]
    return weathered(pixels, numbers)


def slabs(numbers, width, height, colour, slab=(120, 120), joint=3, joint_colour=(80, 80, 82), variety=7):
    """Tiles, paving or cladding in a straight grid."""
    y, x = numpy.mgrid[0:height, 0:width]
    row, column = y // slab[1], x // slab[0]
    shades = numbers.normal(0, variety, (row.max() + 1, column.max() + 1, 1)).astype(numpy.float32)
    pixels = numpy.asarray(colour, numpy.float32) + shades[row, column]
    pixels[(x % slab[0] < joint) | (y % slab[1] < joint)] = joint_colour
    return weathered(pixels, numbers)


def ribbed(numbers, width, height, colour, pitch=36, depth=0.16, across=False):
    """Corrugated sheet or a roller shutter: shading that follows the ribs."""
    along = numpy.arange(height if across else width, dtype=numpy.float32)
    wave = 1 + depth * numpy.sin(2 * numpy.pi * along / pitch) + depth * 0.5 * numpy.sign(numpy.sin(2 * numpy.pi * along / pitch + 0.6))
    pixels = paint(height, width, colour) * (wave[:, None, None] if across else wave[None, :, None])
    return weathered(pixels, numbers, 0.04, 2)


def planks(numbers, width, height, colour, board=150):
    """Upright boards with grain."""
    x = numpy.arange(width)
    shades = numbers.normal(0, 9, width // board + 1)[x // board]
    grain = numpy.asarray(
        Image.fromarray(numbers.standard_normal((max(2, height // 90), width)).astype(numpy.float32)).resize(
            (width, height), Image.Resampling.BICUBIC
        )
    )
    pixels = paint(height, width, colour) + shades[None, :, None] + 6 * grain[..., None]
    pixels[:, x % board < 4] *= 0.45
    return weathered(pixels, numbers)


def asphalt(numbers, width, height, colour=(92, 93, 96)):
    speckle = numbers.standard_normal((height, width)).astype(numpy.float32) * numpy.linspace(4, 16, height, dtype=numpy.float32)[:, None]
    return weathered(paint(height, width, colour) + speckle[..., None], numbers, 0.06)


def sky(numbers, width, height, top=(104, 146, 200), low=(206, 220, 232), cloudy=0.5):
    fall = numpy.linspace(0, 1, height, dtype=numpy.float32)[:, None, None]
    pixels = numpy.asarray(top, numpy.float32) * (1 - fall) + numpy.asarray(low, numpy.float32) * fall
    cover = numpy.clip(clouds(numbers, width, height, width / 3, 5) * 0.5 + cloudy - 0.3, 0, 1)[..., None]
    return pixels * (1 - cover) + cover * numpy.array([238, 240, 243], numpy.float32)


def leaves(numbers, width, height, colour=(62, 92, 44), size=26):
    """Foliage: many small ellipses from dark to light, as an array with alpha that is ragged at the edge."""
    from PIL import ImageDraw

    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    count = int(width * height / (size * size) * 5)
    radius = numpy.sqrt(numbers.uniform(0, 1, count))
    angle = numbers.uniform(0, 2 * numpy.pi, count)
    uneven = 1 + 0.16 * numpy.sin(5 * angle + 1) + 0.1 * numpy.sin(9 * angle)
    x = width / 2 + radius * uneven * width * 0.38 * numpy.cos(angle)
    y = height / 2 + radius * uneven * height * 0.38 * numpy.sin(angle)
    for index in range(count):
        light = 0.45 + 0.75 * index / count + numbers.normal(0, 0.12) - 0.25 * (y[index] / height - 0.5)
        long, thin = size * numbers.uniform(0.4, 0.9), size * numbers.uniform(0.2, 0.45)
        turn = numbers.uniform(0, numpy.pi)
        points = [
            (
                x[index] + long * numpy.cos(t) * numpy.cos(turn) - thin * numpy.sin(t) * numpy.sin(turn),
                y[index] + long * numpy.cos(t) * numpy.sin(turn) + thin * numpy.sin(t) * numpy.cos(turn),
            )
            for t in numpy.linspace(0, 6.28, 8)
        ]
        draw.polygon(points, fill=tuple(int(min(255, max(0, part * light))) for part in colour) + (255,))
    return numpy.asarray(picture)
