"""A picture and the outlines of its texts, as readers and the scene generator give them and augmentation changes them."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Instance:
    """The outline of one text, a word or a line.

    points: float32 [n, 2], x and y in pixels, clockwise from the top left as the text is read; at least 3, not closed.
    ignore: neither found nor missed counts: unreadable, or cut by a crop.
    """

    points: np.ndarray
    ignore: bool = False
    text: str = ""


@dataclass
class Picture:
    """Pixels and the texts in them.

    pixels: uint8 [height, width, 3], R G B.
    name: says where it came from, for messages and saved batches.
    """

    pixels: np.ndarray
    instances: list[Instance] = field(default_factory=list)
    name: str = ""
