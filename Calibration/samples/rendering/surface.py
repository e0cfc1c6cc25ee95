"""Flat things with text on them, and laying one onto another in perspective. Coordinates are pixels of the surface at hand."""

import re
from functools import cache

import numpy
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONTS = {
    "sans": "dejavu/DejaVuSans.ttf",
    "sans bold": "dejavu/DejaVuSans-Bold.ttf",
    "condensed": "dejavu/DejaVuSansCondensed-Bold.ttf",
    "mono": "dejavu/DejaVuSansMono-Bold.ttf",
    "serif": "dejavu/DejaVuSerif.ttf",
    "serif bold": "dejavu/DejaVuSerif-Bold.ttf",
    "grotesk": "liberation/LiberationSans-Regular.ttf",
    "grotesk bold": "liberation/LiberationSans-Bold.ttf",
    "narrow": "liberation/LiberationSansNarrow-Bold.ttf",
    "times": "liberation/LiberationSerif-Regular.ttf",
    "times bold": "liberation/LiberationSerif-Bold.ttf",
    "times italic": "liberation/LiberationSerif-BoldItalic.ttf",
    "typewriter": "liberation/LiberationMono-Bold.ttf",
    "free sans": "freefont/FreeSansBold.ttf",
    "free serif": "freefont/FreeSerifBold.ttf",
    "free italic": "freefont/FreeSerifBoldItalic.ttf",
    "lato": "lato/Lato-Regular.ttf",
    "lato bold": "lato/Lato-Bold.ttf",
    "lato black": "lato/Lato-Black.ttf",
    "rounded": "comfortaa/Comfortaa-Bold.ttf",
    "sketch": "cabinsketch/CabinSketch-Bold.ttf",
    "poster": "../opentype/bebas-neue/BebasNeue-Bold.otf",
    "coffee": "../opentype/yanone-kaffeesatz/YanoneKaffeesatz-Bold.otf",
    "dosis": "../opentype/dosis/Dosis-Bold.otf",
    "painter": "../opentype/bajaderka/Bajaderka-Regular.otf",
    "garamond": "../opentype/ebgaramond/EBGaramond12-Bold.otf",
}


@cache
def font(name, size):
    # The basic layout is the same everywhere; the other depends on a library that Pillow may or may not find.
    return ImageFont.truetype(f"/usr/share/fonts/truetype/{FONTS[name]}", size, layout_engine=ImageFont.Layout.BASIC)


def homography(source, target):
    """The 3x3 matrix that takes four points to four others."""
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return numpy.append(numpy.linalg.solve(numpy.array(rows, float), numpy.array(values, float)), 1).reshape(3, 3)


def apply(matrix, points):
    mapped = numpy.column_stack([numpy.asarray(points, float), numpy.ones(len(points))]) @ matrix.T
    return mapped[:, :2] / mapped[:, 2:]


def box(x0, y0, x1, y1):
    """The corners of an upright rectangle, clockwise from the top left."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


class Surface:
    """A picture with an alpha channel, and the quadrilaterals of the text lines on it."""

    def __init__(self, width, height, colour=(0, 0, 0, 0)):
        self.image = Image.new("RGBA", (width, height), tuple(colour))
        self.lines = []

    @classmethod
    def of(cls, pixels):
        """From an array of height x width x 3 (opaque) or 4, 0 to 255."""
        surface = cls(1, 1)
        surface.image = Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8)).convert("RGBA")
        return surface

    width = property(lambda self: self.image.width)
    height = property(lambda self: self.image.height)
    draw = property(lambda self: ImageDraw.Draw(self.image))

    def blend(self, shape, colour, blur=0):
        """Lays a colour (with alpha) over a polygon, its edge softened by `blur` pixels."""
        mask = Image.new("L", self.image.size, 0)
        ImageDraw.Draw(mask).polygon([tuple(point) for point in shape], fill=colour[3] if len(colour) > 3 else 255)
        if blur:
            mask = mask.filter(ImageFilter.GaussianBlur(blur))
        self.image.paste(Image.new("RGBA", self.image.size, tuple(colour[:3]) + (255,)), (0, 0), mask)

    def write(self, text, x, y, name, size, colour, anchor="mm", ignore=False, outline=None, spacing=0):
        """Writes one line and remembers its outline: the ink's box and a little air, as people label lines."""
        face = font(name, size)
        stroke = {"stroke_width": max(1, size // 14), "stroke_fill": outline} if outline else {}
        if spacing:
            self.write_spaced(text, x, y, face, colour, anchor, ignore, spacing)
            return
        left, top, right, bottom = self.draw.textbbox((x, y), text, font=face, anchor=anchor, **stroke_width(stroke))
        self.draw.text((x, y), text, font=face, fill=colour, anchor=anchor, **stroke)
        start = x - {"l": 0, "m": 0.5, "r": 1}[anchor[0]] * face.getlength(text)
        words = []
        for word in re.finditer(r"\S+", text):
            place = (start + face.getlength(text[: word.start()]), y)
            words.append((word.group(), self.draw.textbbox(place, word.group(), font=face, anchor="l" + anchor[1], **stroke_width(stroke))))
        self.remember(text, (left, top, right, bottom), words, ignore)

    def write_spaced(self, text, x, y, face, colour, anchor, ignore, spacing):
        """As sign makers space capitals: `spacing` more pixels after each letter."""
        widths = [face.getlength(letter) + spacing for letter in text]
        start = x - (sum(widths) - spacing) / 2 if anchor[0] == "m" else x
        boxes = []
        for letter, width in zip(text, widths):
            place = (round(start), y)
            self.draw.text(place, letter, font=face, fill=colour, anchor="l" + anchor[1])
            boxes.append(self.draw.textbbox(place, letter, font=face, anchor="l" + anchor[1]))
            start += width
        words = [(word.group(), enclosing(boxes[word.start() : word.end()])) for word in re.finditer(r"\S+", text)]
        self.remember(text, enclosing(boxes), words, ignore)

    def remember(self, text, ink, words, ignore):
        """A line and the words in it, each with its ink's left, top, right and bottom."""
        labels = [{"text": word, "quad": airy(*edges), "ignore": ignore} for word, edges in words]
        self.lines.append({"text": text, "quad": airy(*ink), "ignore": ignore, "words": labels})

    def place(self, child, quad, shadow=0, depth=(0, 0), tint=None):
        """Lays `child` into a quadrilateral given clockwise from its top left, with a soft shadow of that strength (0 to 1) moved by `depth`."""
        quad = numpy.asarray(quad, float)
        low = numpy.maximum(numpy.floor(quad.min(axis=0)).astype(int) - 2, 0)
        high = numpy.minimum(numpy.ceil(quad.max(axis=0)).astype(int) + 2, self.image.size)
        corners = box(0, 0, child.width, child.height)
        forward = homography(corners, quad)
        if (high > low).all():
            size = tuple(int(value) for value in high - low)
            coefficients = homography(quad - low, corners).ravel()[:8].tolist()
            picture = child.image
            # Sampling every pixel of a child that is much larger than its place would flicker: shrink it first.
            shrink = max(1, round(min(child.width / max(1, numpy.ptp(quad[:, 0])), child.height / max(1, numpy.ptp(quad[:, 1])))))
            if shrink > 1:
                picture = picture.reduce(shrink)
                small = box(0, 0, picture.width, picture.height)
                coefficients = homography(quad - low, small).ravel()[:8].tolist()
            warped = picture.transform(size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
            if shadow:
                alpha = Image.new("L", self.image.size, 0)
                alpha.paste(
                    warped.getchannel("A").point(lambda value: int(value * shadow)), (int(low[0] + depth[0]), int(low[1] + depth[1]))
                )
                alpha = alpha.filter(ImageFilter.GaussianBlur(max(2, (abs(depth[0]) + abs(depth[1])) / 2)))
                self.image.paste(Image.new("RGBA", self.image.size, (8, 9, 14, 255)), (0, 0), alpha)
            self.image.alpha_composite(warped, tuple(int(value) for value in low))
        for line in child.lines:
            words = [{**word, "quad": apply(forward, word["quad"])} for word in line["words"]]
            self.lines.append({**line, "quad": apply(forward, line["quad"]), "words": words})

    def put(self, child, x, y, shadow=0, depth=(0, 0), turn=0.0):
        """Lays `child` flat with its top left at (x, y), turned clockwise about its middle by `turn` degrees."""
        angle = numpy.radians(turn)
        middle = numpy.array([x + child.width / 2, y + child.height / 2])
        rotation = numpy.array([[numpy.cos(angle), numpy.sin(angle)], [-numpy.sin(angle), numpy.cos(angle)]])
        corners = numpy.array(box(x, y, x + child.width, y + child.height), float)
        self.place(child, (corners - middle) @ rotation + middle, shadow, depth)


def airy(left, top, right, bottom):
    """An ink's box and a little air, as four points clockwise from its top left."""
    air = 0.06 * (bottom - top)
    return numpy.array(box(left - air, top - air, right + air, bottom + air), float)


def enclosing(boxes):
    """The box around boxes."""
    low, high = numpy.min(boxes, axis=0), numpy.max(boxes, axis=0)
    return low[0], low[1], high[2], high[3]


def stroke_width(stroke):
    return {"stroke_width": stroke.get("stroke_width", 0)}


def seen_from(width, height, plane, yaw=0.0, pitch=0.0, roll=0.0, centre=None, focal=1.25):
    """Where a rectangle of a plane that is turned about the picture's middle appears: four points, clockwise from its top left.

    `plane` is (x0, y0, x1, y1) about the middle, in pixels where the plane is as far away as the focal length (in picture widths).
    """
    yaw, pitch, roll = numpy.radians([yaw, pitch, roll])
    about_y = numpy.array([[numpy.cos(yaw), 0, numpy.sin(yaw)], [0, 1, 0], [-numpy.sin(yaw), 0, numpy.cos(yaw)]])
    about_x = numpy.array([[1, 0, 0], [0, numpy.cos(pitch), -numpy.sin(pitch)], [0, numpy.sin(pitch), numpy.cos(pitch)]])
    about_z = numpy.array([[numpy.cos(roll), -numpy.sin(roll), 0], [numpy.sin(roll), numpy.cos(roll), 0], [0, 0, 1]])
    points = numpy.column_stack([numpy.array(box(*plane), float), numpy.zeros(4)]) @ (about_z @ about_x @ about_y).T
    distance = focal * max(width, height)
    middle = numpy.array(centre or (width / 2, height / 2))
    return points[:, :2] * (distance / (distance + points[:, 2:])) + middle
