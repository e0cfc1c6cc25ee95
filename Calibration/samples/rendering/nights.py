"""Scenes by night, in fog and in poor light."""

import numpy
from PIL import ImageFilter

from . import materials as m
from . import street as s
from .registry import LANDSCAPE, PORTRAIT, scene, street_floor
from .surface import Surface, box, seen_from


def neon(text, name, size, colour, width, height):
    """Glass tubes: a bright core, and the glow around it."""
    tube = Surface(width, height)
    tube.write(text, width / 2, height / 2, name, size, tuple(colour) + (255,))
    glow = Surface(width, height)
    glow.image = tube.image.filter(ImageFilter.GaussianBlur(size / 5))
    glow.image.alpha_composite(tube.image.filter(ImageFilter.GaussianBlur(size / 14)))
    core = Surface(width, height)
    core.write(text, width / 2, height / 2, name, size, tuple(int(128 + part / 2) for part in colour) + (255,))
    glow.image.alpha_composite(core.image)
    glow.lines = tube.lines
    return glow


@scene(LANDSCAPE)
def neon_bar(numbers, width, height):
    canvas = Surface.of(m.bricks(numbers, width, height, (66, 48, 46), mortar=(60, 56, 56)))
    canvas.put(s.shop_window(numbers, 1000, 560, (30, 26, 26), (120, 84, 48)), 260, 800)
    canvas.draw.rectangle((1500, 700, 1920, 1440), fill=(46, 30, 26))
    canvas.draw.rectangle((1560, 780, 1860, 1100), fill=(150, 104, 60))
    canvas.place(
        neon("Blue Parrot", "rounded", 250, (70, 150, 255), 1700, 440),
        seen_from(width, height, (-850, -220, 850, 220), yaw=8, roll=-3, centre=(1060, 380)),
    )
    canvas.put(neon("COCKTAILS", "dosis", 130, (255, 70, 110), 860, 260), 380, 930)
    canvas.put(neon("OPEN", "rounded", 110, (90, 255, 140), 480, 220), 1480, 460)
    return canvas, dict(
        exposure=0.65,
        noise=9,
        warmth=0.1,
        vignette=0.5,
        lights=[(520, 190, 260, 0.9, (0.4, 0.7, 1.4)), (390, 520, 170, 0.8, (1.3, 0.5, 0.6)), (860, 280, 110, 0.6, (0.5, 1.3, 0.7))],
    )


@scene(LANDSCAPE)
def night_bus(numbers, width, height):
    canvas = Surface.of(m.plaster(numbers, width, height, (52, 54, 62)))
    s.windows(canvas, numbers, 60, 40, 8, 2, (170, 220), (330, 330), frame=(70, 70, 74), lit=(150, 116, 60), curtain=0.5)
    street_floor(canvas, numbers, 1120, (58, 58, 62))
    bus = Surface(1500, 1260)
    draw = bus.draw
    draw.rounded_rectangle((20, 20, 1480, 1180), 70, fill=(176, 34, 36))
    draw.rounded_rectangle((90, 310, 1410, 800), 40, fill=(38, 46, 56))
    draw.rectangle((60, 1100, 1440, 1190), fill=(40, 40, 44))
    for x in (150, 1170):
        draw.rounded_rectangle((x, 900, x + 180, 1000), 40, fill=(255, 250, 226))
        draw.ellipse((x + 10, 1160, x + 170, 1255), fill=(16, 16, 18))
    draw.rectangle((130, 90, 1370, 280), fill=(10, 10, 10))
    bus = s.shaded(bus, numbers)
    # A matrix of lamps: amber letters seen through a black grid.
    display = Surface(1200, 170)
    display.write("N5  OLD HARBOUR", 600, 88, "mono", 120, (255, 170, 40))
    for step in range(0, 1200, 10):
        display.draw.line((step, 0, step, 170), fill=(10, 10, 10), width=2)
    for step in range(0, 170, 10):
        display.draw.line((0, step, 1200, step), fill=(10, 10, 10), width=2)
    bus.put(display, 150, 100)
    plate = s.number_plate("D NV 830")
    bus.place(plate, box(560, 1010, 940, 1092))
    bus.write("City Lines", 750, 950, "lato black", 96, (250, 240, 220))
    canvas.place(bus, seen_from(width, height, (-750, -630, 750, 630), yaw=-9, centre=(1180, 770)))
    flag = s.board(330, 250, (236, 200, 50), numbers=numbers)
    s.lettered(flag, [("STOP", 80), ("Dock St", 62)], "sans bold", (24, 40, 34), 40, 1.4)
    s.pole(canvas, 2240, 420, 1440, 30)
    canvas.put(flag, 2080, 420)
    return canvas, dict(
        exposure=0.5,
        noise=9,
        warmth=0.5,
        vignette=0.4,
        lights=[
            (430, 500, 120, 1.4, (1.3, 1.2, 0.9)),
            (760, 500, 120, 1.4, (1.3, 1.2, 0.9)),
            (590, 140, 300, 0.7, (1.2, 0.9, 0.5)),
            (1140, 180, 160, 1.0, (1.3, 1.1, 0.7)),
        ],
    )


@scene(LANDSCAPE)
def late_kiosk(numbers, width, height):
    canvas = Surface.of(m.plaster(numbers, width, height, (44, 44, 52)))
    s.windows(canvas, numbers, 120, 30, 6, 1, (200, 240), (420, 0), frame=(60, 60, 66), lit=(120, 96, 56))
    street_floor(canvas, numbers, 1200, (50, 50, 54))
    canvas.put(s.shop_window(numbers, 1500, 620, (36, 36, 40), (226, 210, 170)), 520, 590)
    sign = s.board(1640, 230, (246, 246, 226))
    sign.write("KIOSK 24", 430, 116, "grotesk bold", 150, (190, 24, 34))
    sign.write("tobacco  press  lotto", 1170, 116, "grotesk", 80, (40, 50, 110))
    canvas.put(sign, 450, 350)
    for x, text, colour in ((640, "hot dogs", (240, 196, 40)), (1240, "ICE", (70, 130, 210)), (1660, "coffee to go", (120, 70, 40))):
        card = s.board(60 + 46 * len(text) if len(text) > 4 else 300, 150, colour)
        card.write(text, card.width / 2, 76, "coffee", 100, (255, 252, 244))
        canvas.put(card, x, 680, 0.3, (4, 6), numbers.uniform(-4, 4))
    return canvas, dict(exposure=0.6, noise=8, warmth=0.6, motion=7, vignette=0.5, lights=[(640, 300, 420, 0.7, (1.2, 1.1, 0.8))])


@scene(PORTRAIT)
def alley(numbers, width, height):
    canvas = Surface.of(m.sky(numbers, width, height, (120, 120, 140), (200, 176, 160), 0.4))
    street_floor(canvas, numbers, 1330, (84, 80, 80))
    for side in (-1, 1):
        wall = Surface.of(m.plaster(numbers, 1700, 1900, ((150, 120, 98), (128, 132, 140))[side > 0], 0.1))
        s.windows(wall, numbers, 80, 120, 4, 3, (220, 330), (410, 560), lit=(190, 150, 80) if side > 0 else None)
        near, far = (0, 560) if side < 0 else (width, 900)
        high, low = -260, 2120
        quad = [(near, high), (far, 560), (far, 1360), (near, low)]
        canvas.place(wall, quad if side < 0 else [quad[1], quad[0], quad[3], quad[2]])
    signs = [
        ((420, 560), (24, 60, 50), "garamond", (232, 210, 150), [("Antiques", 92), ("& Old", 100), ("Books", 104)], (180, 420), -1.5),
        ((360, 300), (150, 36, 40), "lato black", (250, 244, 230), [("TEA", 96), ("ROOM", 76)], (930, 520), 2),
        ((250, 210), (236, 222, 180), "times bold", (60, 40, 30), [("Tailor", 62), ("upstairs", 46)], (560, 860), 0),
        ((230, 160), (40, 50, 90), "grotesk bold", (240, 240, 246), [("HOTEL", 54)], (860, 940), 0),
    ]
    for size, colour, name, ink, rows, (x, y), turn in signs:
        canvas.draw.rectangle((x - 60 if x > 700 else x - 160, y + 30, x + size[0], y + 44), fill=(30, 30, 32))
        sign = s.board(*size, colour, ink, 12, numbers, 0.05)
        s.lettered(sign, rows, name, ink, 50, 1.45)
        canvas.put(sign, x, y + 40, 0.4, (12, 12), turn)
    return canvas, dict(exposure=0.62, noise=7, warmth=0.4, vignette=0.45, blur=0.2)


@scene(PORTRAIT)
def ghost_sign(numbers, width, height):
    canvas = Surface.of(m.bricks(numbers, width, height, (150, 96, 74), (76, 26)))
    paint = Surface(1240, 1300)
    pixels = numpy.zeros((1300, 1240, 4), numpy.float32)
    pixels[...] = (226, 214, 186, 0)
    pixels[..., 3] = numpy.clip(120 + 46 * m.clouds(numbers, 1240, 1300, 60, 5), 20, 190)
    paint = Surface.of(pixels)
    for text, name, size, y in (
        ("HOLLIS'", "serif bold", 220, 190),
        ("FINEST", "serif bold", 190, 440),
        ("MUSTARD", "serif bold", 196, 690),
        ("sold everywhere", "times italic", 130, 940),
        ("EST. 1891", "serif", 110, 1140),
    ):
        paint.write(text, 620, y, name, size, (58, 44, 44, 225))
    pixels = numpy.asarray(paint.image).astype(numpy.float32)
    pixels[..., 3] *= numpy.clip(0.8 + 0.3 * m.clouds(numbers, 1240, 1300, 30, 4), 0.15, 1)
    worn = Surface.of(pixels)
    worn.lines = paint.lines
    canvas.place(worn, seen_from(width, height, (-620, -650, 620, 650), yaw=6, pitch=-6, centre=(730, 800)))
    s.windows(canvas, numbers, 160, 1560, 2, 1, (300, 420), (760, 0))
    return canvas, dict(noise=3.5, warmth=0.1)


@scene(LANDSCAPE)
def banner(numbers, width, height):
    canvas = Surface.of(m.sky(numbers, width, height, (176, 182, 188), (222, 222, 220), 0.8))
    for x, colour in ((-200, (170, 150, 130)), (1900, (150, 146, 150))):
        wall = Surface.of(m.plaster(numbers, 860, 1440, colour))
        s.windows(wall, numbers, 70, 80, 3, 3, (170, 260), (270, 430))
        canvas.put(wall, x, 0)
    street_floor(canvas, numbers, 1220)
    cloth = s.board(1500, 250, (30, 96, 130), numbers=numbers, wear=0.08)
    cloth.write("Harbour Festival 3-5 August", 750, 90, "coffee", 120, (250, 246, 230))
    cloth.write("music, boats, fireworks and fish soup for everyone", 750, 190, "lato bold", 52, (246, 220, 120))
    canvas.draw.line((640, 300, 700, 420), fill=(40, 40, 42), width=5)
    canvas.draw.line((1980, 560, 2090, 540), fill=(40, 40, 42), width=5)
    canvas.put(cloth, 560, 400, turn=8.5)
    plate = s.board(520, 130, (24, 100, 64), (240, 240, 236), 10)
    plate.write("Elm Street", 260, 66, "grotesk bold", 80, (250, 250, 248))
    s.pole(canvas, 1840, 900, 1440, 26)
    canvas.put(plate, 1600, 880, turn=-2)
    fog = Surface(width, height, (224, 226, 228, 84))
    canvas.image.alpha_composite(fog.image)
    return canvas, dict(noise=3.5, blur=0.35, warmth=-0.2)
