"""Scenes without text, made of what detectors take for text: bricks, grids, railings, leaves, lit windows."""

from . import materials as m
from . import street as s
from .registry import LANDSCAPE, PORTRAIT, scene, street_floor
from .surface import Surface, box, seen_from


@scene(LANDSCAPE)
def brick_houses(numbers, width, height):
    wall = Surface.of(m.bricks(numbers, 3400, 1700, (158, 92, 70)))
    s.windows(wall, numbers, 160, 90, 7, 2, (240, 380), (460, 620))
    for x in (620, 2000):
        wall.put(Surface.of(m.planks(numbers, 280, 520, (46, 74, 96), 94)), x, 1180, 0.5, (6, 4))
    s.pole(wall, 1500, 0, 1700, 34, (70, 72, 74))
    canvas = Surface(width, height)
    canvas.place(wall, seen_from(width, height, (-1700, -830, 1700, 870), yaw=18, pitch=2))
    return canvas, dict(noise=3, shade=[(0, 0), (300, 0), (80, 720), (0, 720)])


@scene(LANDSCAPE)
def park(numbers, width, height):
    canvas = Surface.of(m.sky(numbers, width, height))
    canvas.put(
        Surface.of(m.weathered(m.paint(620, width, (108, 134, 68)) + 18 * m.clouds(numbers, width, 620, 16)[..., None], numbers)), 0, 840
    )
    canvas.blend([(1180, 840), (1330, 840), (2100, 1440), (560, 1440)], (186, 172, 146, 255), 6)
    for x, y, size in ((-260, 40, 1000), (1700, -60, 1200), (500, 330, 620), (1240, 380, 560)):
        canvas.put(s.tree(numbers, size, int(size * 1.1), (72, 108, 50)), x, y)
    for x in range(0, 1000, 56):
        s.pole(canvas, x, 1130, 1330, 12, (60, 66, 62))
    canvas.draw.rectangle((0, 1140, 1000, 1154), fill=(60, 66, 62))
    canvas.draw.rectangle((0, 1290, 1000, 1304), fill=(60, 66, 62))
    return canvas, dict(noise=2.5, dapple=0.3, warmth=0.15)


@scene(PORTRAIT)
def office_tower(numbers, width, height):
    canvas = Surface.of(m.sky(numbers, width, height, cloudy=0.6))
    wall = Surface.of(m.slabs(numbers, 1800, 2600, (146, 152, 158), (150, 130), 10, (60, 64, 70)))
    for row in range(19):
        for column in range(11):
            x, y = 30 + column * 160, 40 + row * 134
            wall.put(s.window(numbers, 120, 84, (90, 94, 98), (2, 1), curtain=0.15), x, y)
    canvas.place(wall, seen_from(width, height, (-800, -1500, 1000, 1100), yaw=-24, pitch=22, centre=(700, 1000)))
    return canvas, dict(noise=3, warmth=-0.15)


@scene(LANDSCAPE)
def shutters(numbers, width, height):
    canvas = Surface.of(m.slabs(numbers, width, height, (142, 134, 124), (300, 150)))
    for x, colour in ((140, (120, 130, 140)), (980, (150, 116, 92)), (1800, (104, 128, 110))):
        canvas.put(Surface.of(m.ribbed(numbers, 640, 860, colour, 40, 0.2, across=True)), x, 300, 0.6, (0, 10))
    street_floor(canvas, numbers, 1200)
    for x in (80, 880, 2510):
        s.pole(canvas, x, 0, 1200, 32, (120, 116, 110))
    for y in (150, 190, 236):
        canvas.draw.line((0, y, width, y + 20), fill=(52, 50, 50), width=9)
    canvas.put(s.window(numbers, 300, 170, (180, 180, 176), (6, 4)), 1060, 60)
    return canvas, dict(noise=4, exposure=0.9, shade=[(560, 0), (1280, 0), (1280, 720), (820, 720)])


@scene(LANDSCAPE)
def fence_and_paving(numbers, width, height):
    canvas = Surface.of(m.sky(numbers, width, height, cloudy=0.5))
    canvas.put(Surface.of(m.leaves(numbers, 1900, 1000, (64, 92, 50), 30)), -300, 160)
    canvas.put(Surface.of(m.leaves(numbers, 1700, 900, (82, 104, 56), 30)), 1200, 240)
    s.mesh(canvas, numbers, 64)
    paving = Surface.of(m.slabs(numbers, 2600, 1300, (150, 146, 140), (90, 90), 8, (96, 92, 86), 12))
    canvas.place(paving, [(300, 1010), (2260, 1010), (3600, 1500), (-1000, 1500)])
    for x in (40, 860, 1680, 2500):
        s.pole(canvas, x, 60, 1040, 34, (136, 140, 144))
    return canvas, dict(noise=3)


@scene(PORTRAIT)
def lit_windows(numbers, width, height):
    canvas = Surface.of(m.bricks(numbers, width, height, (58, 50, 52), mortar=(70, 66, 66)))
    for row in range(4):
        for column in range(3):
            lit = (236, 190, 104) if numbers.uniform() < 0.55 else (50, 54, 62)
            canvas.put(s.window(numbers, 270, 330, (120, 116, 110), (3, 3), lit, 0.5), 120 + column * 450, 60 + row * 480)
            canvas.blend(box(104 + column * 450, 396 + row * 480, 406 + column * 450, 412 + row * 480), (96, 92, 90, 255))
    s.pole(canvas, 1330, 0, 1920, 30, (80, 80, 84))
    return canvas, dict(exposure=0.55, noise=9, warmth=0.3, vignette=0.5)
