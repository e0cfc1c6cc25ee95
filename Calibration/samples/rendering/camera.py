"""From a clean drawing to a photo: light, lens, sensor."""

import numpy
from PIL import Image, ImageFilter

from .materials import clouds


def photograph(
    surface, numbers, size, exposure=1.0, warmth=0.0, lights=(), shade=None, dapple=0.0, blur=0.0, motion=0, noise=3.0, vignette=0.25
):
    """The final picture of `size`, as PIL has it.

    `exposure` and `warmth` (-1 blue to 1 orange) hold for the whole; `lights` are (x, y, radius, strength, colour) in final pixels and add to it;
    `shade` is a polygon in final pixels that lies in shadow; `dapple` the depth of a tree's shadow; `blur` a deviation and `motion` a length in
    final pixels; `noise` the sensor's deviation at middle grey.
    """
    width, height = size
    pixels = numpy.asarray(surface.image.convert("RGB").resize(size, Image.Resampling.LANCZOS), numpy.float32) / 255
    pixels = pixels**2.2
    light = numpy.ones((height, width, 1), numpy.float32) * exposure
    if shade is not None:
        from PIL import ImageDraw

        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).polygon([tuple(point) for point in shade], fill=255)
        soft = numpy.asarray(mask.filter(ImageFilter.GaussianBlur(2.5)), numpy.float32)[..., None] / 255
        light = light * (1 - soft * numpy.array([0.72, 0.68, 0.6], numpy.float32))
    if dapple:
        spots = numpy.clip(clouds(numbers, width, height, 70, 4) * 0.7 + 0.55, 0, 1)[..., None]
        light = light * (1 - dapple + dapple * spots)
    y, x = numpy.mgrid[0:height, 0:width].astype(numpy.float32)
    for centre_x, centre_y, radius, strength, colour in lights:
        fall = strength / (1 + ((x - centre_x) ** 2 + (y - centre_y) ** 2) / radius**2) ** 1.5
        light = light + fall[..., None] * numpy.asarray(colour, numpy.float32)
    far = ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) * 2
    light = light * (1 - vignette * far)[..., None]
    pixels = pixels * light * numpy.array([1 + 0.16 * warmth, 1, 1 - 0.2 * warmth], numpy.float32)
    # Highlights roll off instead of being cut.
    pixels = numpy.where(pixels > 0.8, 0.8 + 0.2 * numpy.tanh((pixels - 0.8) / 0.2), pixels)
    if motion:
        pixels = sum(numpy.roll(pixels, step - motion // 2, axis=1) for step in range(motion)) / motion
    picture = Image.fromarray((numpy.clip(pixels, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(numpy.uint8))
    picture = picture.filter(ImageFilter.GaussianBlur(0.55 + blur))
    shown = numpy.asarray(picture, numpy.float32)
    # Demosaicing leaves noise that is smooth over a pixel or two, more of it in the dark, and more of it in colour than in brightness.
    grain = clouds(numbers, width, height, 2, 1)[..., None] * 0.8
    colour = numpy.stack([clouds(numbers, width, height, 3, 1) for _ in range(3)], axis=2) * 0.5
    shown = shown + 0.85 * noise * (grain + colour) * (1.25 - shown / 340)
    picture = Image.fromarray(numpy.clip(shown + 0.5, 0, 255).astype(numpy.uint8))
    return picture.filter(ImageFilter.UnsharpMask(1.2, 55, 2)) if not blur and not motion else picture
