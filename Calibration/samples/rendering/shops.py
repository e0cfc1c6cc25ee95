"""Shops, walls and what hangs on them, by day."""

from . import materials as m
from . import street as s
from .registry import LANDSCAPE, PORTRAIT, scene, street_floor
from .surface import Surface, box, seen_from


@scene(LANDSCAPE)
def bakery(numbers, width, height):
    canvas = Surface(width, height)
    wall = Surface.of(m.bricks(numbers, 3400, 1700, (150, 82, 62)))
    s.windows(wall, numbers, 380, 40, 5, 1, (250, 300), (560, 0))
    wall.put(s.shop_window(numbers, 1180, 620), 640, 800)
    wall.put(s.shop_window(numbers, 700, 620), 2060, 800)
    sign = s.board(2240, 190, (38, 66, 58), (212, 186, 120), numbers=numbers)
    sign.write("MILLER & SONS BAKERY", 1120, 95, "times bold", 116, (236, 220, 170), spacing=8)
    wall.put(sign, 580, 480, 0.6, (10, 18))
    wall.put(s.awning(numbers, 1300, 150, ((168, 44, 42), (238, 232, 220))), 580, 690, 0.5, (0, 30))
    notice = s.board(330, 220, (246, 243, 232), numbers=numbers)
    s.lettered(notice, [("OPEN", 70), ("7 am - 6 pm", 48)], "lato bold", (120, 30, 28), 40, 1.45)
    wall.put(notice, 1440, 980, 0.3, (4, 6), -2)
    glass = Surface(620, 220)
    s.lettered(glass, [("fresh bread", 84), ("every morning", 70)], "free italic", (244, 240, 226), 10, 1.25)
    wall.put(glass, 2100, 900)
    canvas.place(wall, seen_from(width, height, (-1660, -760, 1740, 940), yaw=-16, pitch=3, roll=-0.6))
    return canvas, dict(shade=[(0, 300), (420, 190), (520, 720), (0, 720)], noise=3, warmth=0.15)


@scene(LANDSCAPE)
def pharmacy(numbers, width, height):
    wall = Surface.of(m.plaster(numbers, 3200, 1700, (214, 202, 176)))
    s.windows(wall, numbers, 240, 60, 6, 1, (230, 330), (500, 0), frame=(120, 96, 70))
    wall.put(s.shop_window(numbers, 1500, 640, (190, 192, 190)), 420, 960)
    wall.put(s.shop_window(numbers, 900, 640, (190, 192, 190)), 2040, 960)
    sign = s.board(2500, 240, (244, 246, 244), numbers=numbers)
    sign.draw.rectangle((90, 60, 210, 180), fill=(24, 138, 72))
    sign.draw.rectangle((130, 74, 170, 166), fill=(250, 250, 250))
    sign.draw.rectangle((104, 100, 196, 140), fill=(250, 250, 250))
    sign.write("Löwen Apotheke", 290, 122, "grotesk bold", 150, (24, 118, 66), "lm")
    sign.write("PHARMACY", 1540, 122, "grotesk bold", 96, (80, 84, 86), "lm", spacing=8)
    wall.put(sign, 380, 600, 0.55, (12, 22))
    for x, rows in ((560, [("Allergy season?", 62), ("Ask us inside", 50)]), (1180, [("20% OFF", 96), ("all sun creams", 50)])):
        poster = s.board(480, 320, (250, 232, 120) if x > 900 else (180, 216, 228), numbers=numbers)
        s.lettered(poster, rows, "lato black", (40, 50, 70), 70, 1.5)
        wall.put(poster, x, 1130, 0.2, (4, 6), numbers.uniform(-2, 2))
    canvas = Surface(width, height, (180, 180, 178, 255))
    canvas.place(wall, seen_from(width, height, (-1620, -900, 1580, 800), yaw=20, pitch=-2, roll=0.8))
    return canvas, dict(shade=[(760, 0), (1280, 0), (1280, 720), (1010, 720)], noise=3.5, warmth=0.3)


@scene(PORTRAIT)
def cafe_board(numbers, width, height):
    canvas = Surface.of(m.slabs(numbers, width, height, (150, 142, 132), (200, 200), 5))
    canvas.put(Surface.of(m.bricks(numbers, width, 900, (128, 84, 70))), 0, 0)
    canvas.put(s.shop_window(numbers, 1100, 700), 340, 60)
    frame = s.board(960, 1360, (112, 76, 44), rounded=16, numbers=numbers, wear=0.08)
    slate = Surface.of(m.plaster(numbers, 860, 1240, (44, 48, 48), 0.12))
    rows = [
        ("Linden Garden", 116, "painter"),
        ("today", 84, "sketch"),
        ("tomato soup 4.50", 74, "sketch"),
        ("quiche & salad 8.90", 70, "sketch"),
        ("apple pie 3.80", 78, "sketch"),
        ("espresso 2.20", 80, "sketch"),
        ("free wifi", 92, "painter"),
    ]
    for index, (text, size, name) in enumerate(rows):
        slate.write(text, 430, 120 + index * 166, name, size, ((238, 236, 226), (244, 206, 120), (206, 226, 214))[index % 3])
    frame.put(slate, 50, 60)
    canvas.blend([(220, 1640), (1240, 1640), (1360, 1760), (160, 1760)], (14, 12, 10, 190), 26)
    canvas.place(frame, seen_from(width, height, (-480, -680, 480, 680), yaw=-8, pitch=-9, roll=-1, centre=(730, 980)), 0.5, (16, 10))
    return canvas, dict(noise=3.5, warmth=0.25)


@scene(PORTRAIT)
def posters(numbers, width, height):
    canvas = Surface.of(m.plaster(numbers, width, height, (150, 146, 140), 0.1))
    sheets = [
        (
            (620, 860),
            (222, 70, 52),
            "poster",
            (250, 240, 220),
            [("JAZZ", 230), ("AT THE HARBOUR", 92), ("12 JULY", 150), ("doors open 8 pm", 52)],
        ),
        (
            (560, 780),
            (36, 40, 70),
            "coffee",
            (246, 206, 84),
            [("Night Market", 110), ("street food", 90), ("music & crafts", 80), ("every Friday", 96)],
        ),
        (
            (600, 820),
            (238, 232, 214),
            "typewriter",
            (40, 38, 36),
            [("LOST CAT", 100), ("grey, one white", 52), ("paw, answers", 52), ("to Minka", 60), ("555 0142", 84)],
        ),
        ((620, 800), (70, 132, 126), "dosis", (248, 248, 238), [("Yoga in the park", 74), ("Sundays 9:30", 88), ("bring a mat", 70)]),
    ]
    places = [(70, 90, -2.5), (760, 60, 1.5), (60, 1010, 1.8), (740, 960, -3)]
    for (size, paper, name, ink, rows), (x, y, turn) in zip(sheets, places):
        sheet = s.board(*size, paper, numbers=numbers, wear=0.05)
        s.lettered(sheet, rows, name, ink, 80, 1.4)
        for fold in (size[1] // 3, 2 * size[1] // 3):
            sheet.blend(box(0, fold - 2, size[0], fold + 2), (255, 255, 255, 60), 2)
            sheet.blend(box(0, fold + 2, size[0], fold + 10), (0, 0, 0, 50), 4)
        canvas.put(sheet, x, y, 0.5, (6, 10), turn)
    return canvas, dict(noise=4, warmth=-0.1, vignette=0.35)


@scene(LANDSCAPE)
def warehouse(numbers, width, height):
    wall = Surface.of(m.ribbed(numbers, 3600, 1700, (126, 146, 156)))
    wall.put(Surface.of(m.ribbed(numbers, 900, 900, (196, 196, 190), 44, 0.2, across=True)), 400, 800, 0.5, (6, 10))
    wall.put(Surface.of(m.ribbed(numbers, 900, 900, (196, 196, 190), 44, 0.2, across=True)), 1560, 800, 0.5, (6, 10))
    wall.write("UNIT 14", 850, 660, "grotesk bold", 150, (240, 240, 236))
    wall.write("LOADING BAY", 2040, 660, "grotesk bold", 124, (240, 240, 236))
    wall.write("NORDKAP LOGISTICS", 1500, 400, "lato black", 200, (20, 54, 100), spacing=8)
    for x, text in ((1340, "GATE 3"), (2500, "GATE 4")):
        plate = s.board(200, 100, (248, 206, 40), numbers=numbers)
        plate.write(text, 100, 50, "condensed", 44, (24, 24, 24))
        wall.put(plate, x, 980, 0.4, (4, 6))
    notice = s.board(360, 440, (250, 250, 246), (190, 30, 32), 8, numbers)
    s.lettered(notice, [("CAUTION", 66), ("fork-lift", 60), ("trucks", 60), ("operating", 60)], "grotesk bold", (180, 26, 30), 50, 1.4)
    wall.put(notice, 2580, 1150, 0.4, (5, 8))
    canvas = Surface.of(m.sky(numbers, width, height))
    street_floor(canvas, numbers, 1000, (118, 116, 112))
    canvas.place(wall, seen_from(width, height, (-1420, -860, 2180, 500), yaw=-19, pitch=1))
    return canvas, dict(noise=2.5, shade=[(0, 560), (1280, 500), (1280, 720), (0, 720)])
