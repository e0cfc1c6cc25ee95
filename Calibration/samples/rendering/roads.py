"""Roads, vehicles and signs, by day."""

import numpy

from . import materials as m
from . import street as s
from .registry import LANDSCAPE, PORTRAIT, scene, street_floor
from .surface import Surface, box, seen_from


@scene(LANDSCAPE)
def street_plates(numbers, width, height):
    canvas = Surface.of(m.bricks(numbers, width, height, (172, 148, 112), (132, 46), (196, 186, 168), variety=13))
    first = s.board(1180, 260, (20, 44, 112), (236, 238, 240), 26, numbers)
    first.write("Rue des Tilleuls", 590, 132, "free serif", 142, (244, 244, 240))
    canvas.place(first, seen_from(width, height, (-590, -130, 590, 130), yaw=14, pitch=-5, roll=-2, centre=(1050, 560)), 0.6, (10, 14))
    second = s.board(820, 170, (236, 234, 224), (30, 32, 34), 10, numbers)
    second.write("ANCIENNE ROUTE 47", 410, 86, "narrow", 92, (28, 30, 34))
    canvas.place(second, seen_from(width, height, (-410, -85, 410, 85), yaw=14, pitch=-5, roll=-2, centre=(1000, 860)), 0.6, (8, 12))
    number = s.board(190, 190, (20, 44, 112), (236, 238, 240), 20, numbers)
    number.write("128", 95, 97, "free serif", 92, (244, 244, 240))
    canvas.place(number, seen_from(width, height, (-95, -95, 95, 95), yaw=14, centre=(2040, 620)), 0.6, (8, 12))
    canvas.put(Surface.of(m.leaves(numbers, 1100, 900, (70, 104, 50), 34)), 1900, -420)
    return canvas, dict(dapple=0.35, noise=3, warmth=0.1)


@scene(LANDSCAPE)
def parked_car(numbers, width, height):
    canvas = Surface.of(m.plaster(numbers, width, height, (186, 178, 168)))
    s.windows(canvas, numbers, 180, 60, 5, 1, (260, 400), (480, 0))
    street_floor(canvas, numbers, 900)
    canvas.blend([(560, 1270), (1720, 1270), (1860, 1380), (480, 1380)], (10, 10, 12, 200), 24)
    car = s.car_rear(numbers, (46, 82, 128), s.number_plate("B KR 4719"), 1240)
    canvas.place(car, seen_from(width, height, (-620, -480, 620, 480), yaw=9, centre=(1160, 860)))
    sign = s.board(300, 420, (232, 234, 236), (180, 30, 34), 16, numbers)
    s.lettered(sign, [("NO", 92), ("PARKING", 50), ("8-18 h", 66)], "grotesk bold", (170, 26, 30), 60, 1.35)
    s.pole(canvas, 2208, 300, 1300)
    canvas.put(sign, 2070, 260, 0.3, (6, 8), 1.5)
    return canvas, dict(noise=3, shade=[(0, 430), (1280, 380), (1280, 720), (0, 720)])


@scene(LANDSCAPE)
def traffic(numbers, width, height):
    canvas = Surface.of(m.sky(numbers, width, height, (150, 160, 172), (214, 216, 216), 0.8))
    far = Surface.of(m.plaster(numbers, width, 500, (150, 146, 142)))
    s.windows(far, numbers, 60, 40, 12, 3, (110, 100), (208, 150), bars=(2, 1))
    canvas.put(far, 0, 330)
    street_floor(canvas, numbers, 800, (84, 85, 88))
    canvas.blend([(1240, 800), (1270, 800), (1560, 1440), (1380, 1440)], (220, 220, 214, 220), 3)
    cars = [
        ((196, 198, 200), "M XL 208", 420, (1230, 860)),
        ((150, 34, 36), "S TP 5531", 560, (1790, 900)),
        ((40, 42, 46), "HH A 77", 780, (560, 1090)),
        ((214, 208, 188), "K EE 9014", 640, (2190, 1130)),
    ]
    for colour, plate, size, (x, y) in cars:
        canvas.blend(
            [
                (x - size * 0.5, y + size * 0.3),
                (x + size * 0.5, y + size * 0.3),
                (x + size * 0.55, y + size * 0.42),
                (x - size * 0.55, y + size * 0.42),
            ],
            (8, 8, 10, 190),
            14,
        )
        canvas.place(s.car_rear(numbers, colour, s.number_plate(plate)), box(x - size / 2, y - size * 0.39, x + size / 2, y + size * 0.39))
    return canvas, dict(noise=4.5, exposure=0.85, warmth=-0.2)


@scene(LANDSCAPE)
def road_signs(numbers, width, height):
    canvas = Surface.of(m.sky(numbers, width, height, cloudy=0.35))
    canvas.put(Surface.of(m.leaves(numbers, 1500, 760, (70, 96, 58), 30)), -420, 960)
    canvas.put(Surface.of(m.leaves(numbers, 1700, 700, (58, 84, 48), 30)), 1300, 1030)
    for x in (700, 1790):
        s.pole(canvas, x, 200, 1440, 34, (150, 154, 156))
    sign = s.board(1560, 660, (22, 72, 160), (244, 246, 246), 30, numbers)
    for y, place, distance in ((120, "Oberndorf", "12"), (330, "Sankt Veit", "38"), (540, "Airport", "54")):
        sign.write(place, 330, y, "sans bold", 108, (248, 248, 248), "lm")
        sign.write(distance, 1470, y, "sans bold", 108, (248, 248, 248), "rm")
    sign.draw.polygon([(100, 330), (180, 250), (180, 300), (270, 300), (270, 360), (180, 360), (180, 410)], fill=(248, 248, 248))
    canvas.place(sign, seen_from(width, height, (-780, -330, 780, 330), yaw=-12, pitch=4, roll=1, centre=(1250, 470)), 0.2, (6, 8))
    detour = s.board(1240, 210, (246, 196, 30), (30, 28, 26), 14, numbers)
    detour.write("DETOUR 500 m", 620, 106, "condensed", 112, (26, 24, 22))
    canvas.place(detour, seen_from(width, height, (-620, -105, 620, 105), yaw=-12, roll=1, centre=(1246, 970)), 0.2, (6, 8))
    return canvas, dict(noise=2.5)


@scene(PORTRAIT)
def bus_stop(numbers, width, height):
    canvas = Surface.of(m.slabs(numbers, width, height, (168, 160, 150), (240, 160)))
    canvas.put(Surface.of(m.leaves(numbers, 900, 800, (66, 90, 52), 32)), 900, -300)
    s.pole(canvas, 250, 150, 1920, 38, (60, 90, 80))
    flag = s.board(760, 300, (236, 190, 36), (30, 60, 50), 24, numbers)
    flag.write("Kirchplatz", 380, 104, "sans bold", 108, (28, 48, 40))
    flag.write("Bus 14  27  N3", 380, 216, "sans bold", 72, (28, 48, 40))
    canvas.put(flag, 280, 150, 0.5, (10, 12), 1)
    table = s.board(860, 1180, (246, 246, 242), (60, 70, 74), 10, numbers)
    table.draw.rectangle((40, 40, 820, 150), fill=(30, 60, 50))
    table.write("14  Hauptbahnhof", 70, 96, "lato bold", 66, (248, 248, 244), "lm")
    for row in range(11):
        y = 206 + row * 70
        if row % 2:
            table.draw.rectangle((40, y - 34, 820, y + 36), fill=(226, 230, 228))
        minutes = sorted(numbers.choice(numpy.arange(60), 4, replace=False).tolist())
        table.write(" ".join(f"{row + 6}:{minute:02d}" for minute in minutes), 90, y, "mono", 46, (30, 34, 38), "lm")
    table.write("Valid from 1 March", 90, 1022, "lato", 46, (50, 54, 58), "lm")
    table.write("Not on public holidays", 90, 1092, "lato", 40, (50, 54, 58), "lm")
    canvas.place(table, seen_from(width, height, (-430, -590, 430, 590), yaw=10, pitch=3, centre=(790, 1180)), 0.5, (10, 14))
    return canvas, dict(noise=3.5, dapple=0.35, warmth=0.1)
