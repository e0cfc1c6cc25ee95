"""More of the day: building sites, parks, stations, vans and markets."""

import numpy

from . import materials as m
from . import street as s
from .registry import LANDSCAPE, PORTRAIT, scene, street_floor
from .surface import Surface, box, seen_from


@scene(LANDSCAPE)
def hoarding(numbers, width, height):
    canvas = Surface.of(m.sky(numbers, width, height, cloudy=0.6))
    wall = Surface.of(m.planks(numbers, 3600, 940, (206, 204, 196), 240))
    wall.blend(box(0, 0, 3600, 120), (236, 140, 30, 255))
    wall.write("HERE WE BUILD 48 NEW HOMES WITH GARDENS AND A PLAYGROUND", 1750, 62, "grotesk bold", 66, (255, 252, 244))
    wall.write("Quartier am Mühlbach", 1420, 330, "lato black", 190, (40, 74, 90))
    wall.write("Information and viewing every Saturday from 10 to 4 at the site office", 1420, 520, "lato bold", 64, (70, 72, 72))
    wall.write("www.example.org", 1420, 680, "lato black", 96, (200, 96, 20))
    notice = s.board(520, 640, (250, 248, 240), (24, 60, 120), 8, numbers)
    s.lettered(
        notice,
        [("SITE SAFETY", 70), ("Hard hats must", 54), ("be worn", 54), ("No entry for", 54), ("children", 54)],
        "grotesk bold",
        (24, 50, 104),
        60,
        1.6,
    )
    wall.put(notice, 2760, 190, 0.3, (5, 8), 0.6)
    street_floor(canvas, numbers, 1130, (136, 132, 124))
    for x in range(200, width, 420):
        s.pole(canvas, x, 120, 300, 22)
    canvas.place(wall, seen_from(width, height, (-1390, -420, 1330, 400), yaw=-11, pitch=-2, roll=-1), 0.4, (0, 20))
    return canvas, dict(noise=3, dapple=0.2)


@scene(LANDSCAPE)
def delivery_van(numbers, width, height):
    canvas = Surface.of(m.bricks(numbers, width, height, (176, 160, 140), (96, 34), variety=11))
    s.windows(canvas, numbers, 120, 40, 5, 1, (280, 360), (520, 0))
    street_floor(canvas, numbers, 1060)
    van = Surface(2100, 1120)
    draw = van.draw
    draw.rounded_rectangle((20, 40, 1560, 960), 50, fill=(238, 238, 234))
    draw.polygon([(1540, 60), (1740, 80), (1960, 430), (2060, 520), (2080, 930), (1540, 960)], fill=(238, 238, 234))
    draw.polygon([(1600, 150), (1720, 160), (1880, 430), (1600, 440)], fill=(62, 74, 86))
    draw.rectangle((20, 800, 2080, 960), fill=(206, 206, 202))
    for x in (380, 1700):
        draw.ellipse((x - 170, 790, x + 170, 1110), fill=(30, 30, 32))
        draw.ellipse((x - 90, 870, x + 90, 1030), fill=(150, 152, 156))
    for x in (1050, 1560):
        draw.line((x, 80, x, 900), fill=(190, 190, 186), width=5)
    draw.ellipse((2020, 560, 2080, 660), fill=(240, 200, 110))
    draw.polygon([(20, 640), (1560, 520), (1560, 600), (20, 760)], fill=(210, 60, 40))
    van = s.shaded(van, numbers)
    van.write("Bergmann", 760, 220, "free italic", 230, (30, 70, 140))
    van.write("PLUMBING & HEATING", 770, 420, "grotesk bold", 116, (60, 64, 70))
    van.write("tel. 0555 203 771", 1080, 760, "sans bold", 80, (30, 70, 140))
    van.write("24 h service", 330, 560, "sans bold", 76, (200, 50, 36))
    canvas.blend([(200, 1250), (2360, 1250), (2440, 1350), (160, 1350)], (10, 10, 12, 200), 24)
    canvas.place(van, seen_from(width, height, (-1050, -560, 1050, 560), yaw=11, pitch=2, centre=(1270, 780)))
    return canvas, dict(noise=3, motion=5, warmth=-0.1)


@scene(LANDSCAPE)
def platform(numbers, width, height):
    canvas = Surface.of(m.slabs(numbers, width, height, (206, 206, 198), (90, 60), 3, (150, 150, 146), 5))
    canvas.put(Surface.of(m.slabs(numbers, width, 260, (60, 92, 80), (90, 60), 3, (44, 66, 58), 5)), 0, 850)
    street_floor(canvas, numbers, 1180, (140, 138, 132))
    canvas.blend([(0, 1290), (width, 1240), (width, 1280), (0, 1336)], (236, 226, 190, 255))
    for x in (330, 2220):
        s.pole(canvas, x, 0, 1300, 60, (76, 92, 100))
    sign = s.board(1500, 330, (28, 48, 110), (240, 240, 236), 6, numbers)
    sign.write("WILLOWBROOK", 750, 168, "grotesk bold", 170, (246, 246, 242), spacing=10)
    canvas.place(sign, seen_from(width, height, (-750, -165, 750, 165), yaw=-10, roll=-1, centre=(1250, 560)), 0.5, (10, 16))
    track = s.board(620, 250, (246, 246, 242), numbers=numbers)
    track.write("Platform 4", 310, 84, "grotesk bold", 100, (24, 28, 34))
    track.write("trains to the coast", 310, 186, "grotesk", 62, (24, 28, 34))
    canvas.place(track, seen_from(width, height, (-310, -125, 310, 125), yaw=-10, roll=-1, centre=(1820, 180)), 0.4, (8, 12))
    exit_sign = s.board(420, 170, (30, 130, 70), numbers=numbers)
    exit_sign.write("EXIT", 250, 86, "grotesk bold", 104, (250, 250, 248))
    exit_sign.draw.polygon([(110, 40), (40, 86), (110, 132)], fill=(250, 250, 248))
    canvas.place(exit_sign, seen_from(width, height, (-210, -85, 210, 85), yaw=-10, centre=(680, 170)), 0.4, (8, 12))
    rules = s.board(470, 440, (250, 250, 246), numbers=numbers)
    s.lettered(
        rules,
        [("For your safety", 50), ("please stand behind", 38), ("the yellow line", 38), ("and keep an eye on", 38), ("your luggage", 38)],
        "lato bold",
        (40, 44, 50),
        50,
        1.7,
    )
    canvas.place(rules, seen_from(width, height, (-235, -220, 235, 220), yaw=-10, centre=(700, 970)), 0.4, (8, 12))
    return canvas, dict(noise=5, exposure=0.8, warmth=0.35, vignette=0.4)


@scene(LANDSCAPE)
def park_board(numbers, width, height):
    canvas = Surface.of(m.sky(numbers, width, height, (150, 186, 214), (224, 232, 226)))
    canvas.put(
        Surface.of(m.weathered(m.paint(560, width, (104, 132, 66)) + 16 * m.clouds(numbers, width, 560, 20)[..., None], numbers)), 0, 900
    )
    for x, y, size in ((-300, 60, 1000), (480, 200, 800), (1900, 20, 1100), (1300, 260, 760)):
        canvas.put(s.tree(numbers, size, int(size * 1.1), (70, 104, 48)), x, y)
    for x in (700, 1780):
        canvas.draw.rectangle((x, 260, x + 70, 1330), fill=(96, 70, 48))
    board = s.board(1240, 820, (226, 222, 196), (84, 62, 40), 8, numbers, 0.05)
    board.write("The Mill Pond", 620, 120, "garamond", 130, (60, 76, 44))
    text = [
        "Dug in 1784 for the paper mill, the pond is home to",
        "newts, dragonflies and the great crested grebe today.",
        "Please keep to the paths from March to July, when",
        "the birds are nesting. Dogs must be kept on a lead.",
    ]
    for index, row in enumerate(text):
        board.write(row, 90, 290 + index * 78, "garamond", 50, (50, 46, 38), "lm")
    board.draw.ellipse((760, 600, 1140, 770), fill=(130, 168, 176))
    board.write("You are here", 330, 690, "lato bold", 56, (160, 50, 40))
    canvas.place(board, seen_from(width, height, (-620, -410, 620, 410), yaw=-7, pitch=-4, centre=(1260, 690)), 0.4, (8, 14))
    return canvas, dict(noise=2.5, warmth=0.15, dapple=0.25)


@scene(LANDSCAPE)
def fence(numbers, width, height):
    canvas = Surface.of(m.sky(numbers, width, height, cloudy=0.7))
    canvas.put(Surface.of(m.plaster(numbers, 1300, 620, (172, 170, 166))), 900, 420)
    street_floor(canvas, numbers, 1020, (120, 116, 104))
    s.mesh(canvas, numbers)
    for x in (60, 1240, 2440):
        s.pole(canvas, x, 40, 1440, 44, (140, 144, 148))
    signs = [
        (
            (560, 420),
            (250, 214, 40),
            "grotesk bold",
            (26, 24, 22),
            [("DANGER", 104), ("High voltage", 70), ("Keep out", 78)],
            (330, 300),
            -1.5,
        ),
        (
            (700, 380),
            (248, 248, 244),
            "narrow",
            (178, 26, 30),
            [("PRIVATE PROPERTY", 76), ("no trespassing", 72), ("CCTV in operation", 62)],
            (1460, 360),
            2,
        ),
        ((420, 250), (30, 92, 160), "lato bold", (250, 250, 250), [("Customers", 62), ("please ring", 62)], (1560, 830), -3),
    ]
    for size, colour, name, ink, rows, (x, y), turn in signs:
        sign = s.board(*size, colour, ink, 14, numbers, 0.06)
        s.lettered(sign, rows, name, ink, 60, 1.42)
        canvas.put(sign, x, y, 0.3, (10, 12), turn)
    return canvas, dict(noise=3)


@scene(LANDSCAPE)
def market(numbers, width, height):
    canvas = Surface.of(m.planks(numbers, width, height, (96, 78, 62), 300))
    canvas.put(s.awning(numbers, width + 200, 330, ((46, 116, 74), (240, 236, 224))), -100, 0, 0.6, (0, 60))
    fruit = ((196, 44, 36), (226, 150, 40), (120, 150, 50), (222, 196, 70), (124, 62, 96), (206, 88, 44))
    tags = (
        ("Apples", "2.40 kg"),
        ("Oranges", "1.90 kg"),
        ("Pears", "2.80 kg"),
        ("Lemons", "0.40 each"),
        ("Plums", "3.20 kg"),
        ("Apricots", "3.60 kg"),
    )
    for index, colour in enumerate(fruit):
        column, row = index % 3, index // 3
        crate = Surface(780, 420, (122, 92, 60, 255))
        for y in range(90, 440, 58):
            for x in range(20 + (y // 58 % 2) * 34, 800, 68):
                tone = tuple(int(part * numbers.uniform(0.8, 1.1)) for part in colour)
                crate.draw.ellipse((x - 42, y - 42, x + 42, y + 42), fill=tuple(int(part * 0.6) for part in tone))
                crate.draw.ellipse((x - 40, y - 42, x + 34, y + 34), fill=tone)
                crate.draw.ellipse((x - 22, y - 26, x - 6, y - 12), fill=tuple(min(255, part + 60) for part in tone))
        crate.blend(box(0, 370, 780, 420), (150, 114, 76, 255))
        tag = s.board(330, 210, (250, 248, 236), numbers=numbers)
        tag.write(tags[index][0], 165, 66, "coffee", 86, (30, 60, 36))
        tag.write(tags[index][1], 165, 150, "coffee", 78, (176, 30, 30))
        x, y = 40 + column * 850, 450 + row * 500
        top, low = 0.94, 1.0
        canvas.place(
            crate, [(x + 780 * (1 - top) / 2, y), (x + 780 * (1 + top) / 2, y), (x + 780 * low, y + 430), (x, y + 430)], 0.6, (0, 14)
        )
        canvas.put(tag, x + 230 + int(numbers.uniform(-90, 90)), y - 60, 0.5, (6, 10), numbers.uniform(-8, 8))
    return canvas, dict(noise=3.5, warmth=0.25)


@scene(PORTRAIT)
def doorbells(numbers, width, height):
    canvas = Surface.of(m.plaster(numbers, width, height, (160, 150, 132), 0.08))
    door = Surface.of(m.planks(numbers, 720, 1700, (58, 84, 74), 180))
    canvas.put(door, -120, 220, 0.5, (10, 0))
    panel = s.board(620, 1040, (176, 178, 180), rounded=14, numbers=numbers)
    panel.write("27 a", 310, 100, "grotesk bold", 110, (40, 42, 46))
    for index, name in enumerate(("Petersen", "Kowalska", "A. Okafor", "Lindqvist", "Dr. Moreau", "Tanaka", "Hausmeister")):
        y = 230 + index * 110
        panel.draw.rounded_rectangle((50, y - 40, 430, y + 40), 6, fill=(248, 247, 240))
        panel.write(name, 70, y, ("lato bold", "typewriter", "grotesk", "times bold")[index % 4], 54, (30, 32, 36), "lm")
        panel.draw.ellipse((480, y - 36, 552, y + 36), fill=(110, 112, 116), outline=(70, 72, 76), width=5)
    canvas.place(panel, seen_from(width, height, (-310, -520, 310, 520), yaw=12, pitch=2, roll=1, centre=(1040, 860)), 0.6, (10, 12))
    box_sign = s.board(560, 170, (236, 232, 220), numbers=numbers)
    box_sign.write("No adverts please", 280, 86, "lato bold", 60, (150, 36, 34))
    canvas.put(box_sign, 760, 1560, 0.4, (5, 7), -3)
    return canvas, dict(noise=3.5, shade=[(0, 0), (400, 0), (180, 960), (0, 960)])


@scene(PORTRAIT)
def sale_window(numbers, width, height):
    canvas = Surface.of(m.slabs(numbers, width, height, (70, 72, 76), (180, 300)))
    canvas.put(s.shop_window(numbers, 1300, 1500, (30, 32, 34), (96, 92, 86)), 70, 300)
    fascia = s.board(1400, 230, (30, 30, 34), numbers=numbers)
    fascia.write("VELVET & CO", 700, 116, "lato bold", 120, (236, 214, 160), spacing=22)
    canvas.put(fascia, 20, 40, 0.5, (0, 14))
    burst = Surface(760, 760)
    angles = numpy.linspace(0, 2 * numpy.pi, 49)[:-1]
    burst.draw.polygon(
        [(380 + (376 if i % 2 else 320) * numpy.cos(a), 380 + (376 if i % 2 else 320) * numpy.sin(a)) for i, a in enumerate(angles)],
        fill=(206, 30, 40, 255),
    )
    burst.write("SALE", 380, 310, "lato black", 210, (255, 252, 240))
    burst.write("up to 70%", 380, 490, "lato black", 108, (250, 222, 80))
    canvas.put(burst, 160, 460, 0.3, (8, 12), -14)
    strip = s.board(1180, 180, (250, 224, 70), numbers=numbers)
    strip.write("LAST DAYS  EVERYTHING MUST GO", 590, 92, "condensed", 62, (30, 28, 26))
    canvas.put(strip, 130, 1330, 0.3, (6, 8), 7)
    card = s.board(360, 260, (248, 246, 240), numbers=numbers)
    s.lettered(card, [("Mon - Sat", 54), ("10 - 19", 66)], "dosis", (40, 40, 44), 50, 1.4)
    canvas.put(card, 900, 1010, 0.3, (5, 8), 3)
    return canvas, dict(noise=3, warmth=0.1)
