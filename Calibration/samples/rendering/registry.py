"""The list of scenes. Each is a function that draws a Surface of twice its photo's size, and says how it was photographed."""

from . import materials as m
from .surface import Surface, box

LANDSCAPE, PORTRAIT = (1280, 720), (720, 960)
SCENES = {}


def scene(size):
    """Names a function as a scene; its photo is `size` pixels and is called after it."""

    def register(function):
        SCENES[function.__name__] = (size, function)
        return function

    return register


def street_floor(canvas, numbers, horizon, colour=(96, 97, 100)):
    height = canvas.height - horizon
    canvas.put(Surface.of(m.asphalt(numbers, canvas.width, height, colour)), 0, horizon)
    canvas.blend(box(0, horizon - 6, canvas.width, horizon + 40), (20, 20, 22, 130), 12)
