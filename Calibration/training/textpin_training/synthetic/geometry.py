"""From a flat sheet into the scene: homographies of a tilted plane, and pasting a sheet through one.

Coordinates are continuous: pixel i covers [i, i + 1), so its centre is at i + 0.5.
"""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from .colours import luma


@dataclass
class Word:
    """A word in a line, on a sheet or in a scene.

    outline: float64 [n, 2], clockwise from the top left as the word is read, around its ink. Point i faces n - 1 - i.
    ink, ground: luma, 0 to 255, of the letters and of what surrounds them; None until it is known what is behind.
    """

    text: str
    outline: np.ndarray
    ink: float = 0.0
    ground: float | None = None

    @property
    def height(self) -> float:
        """Mean distance of the outline's upper from its lower side."""
        half = len(self.outline) // 2
        return float(np.linalg.norm(self.outline[:half] - self.outline[: half - 1 : -1], axis=1).mean())

    def contrast(self, gain: float) -> float:
        """Difference of luma between ink and ground where light is multiplied by gain and cut off at white."""
        return abs(min(255.0, gain * self.ink) - min(255.0, gain * (self.ground or 0.0)))


@dataclass
class Sheet:
    """Something flat, with or without text, before it is seen at an angle.

    pixels: uint8 [height, width, 3].
    alpha: uint8 [height, width]: what the sheet covers.
    opaque: a board; otherwise letters alone, whose contrast depends on what is behind them.
    lit: shines by itself, whatever the light around it.
    """

    pixels: np.ndarray
    alpha: np.ndarray
    opaque: bool = True
    lit: bool = False
    words: list[Word] = field(default_factory=list)

    @property
    def width(self) -> int:
        return self.alpha.shape[1]

    @property
    def height(self) -> int:
        return self.alpha.shape[0]


def tilted_plane(width: float, height: float, turn: float, yaw: float, pitch: float, distance: float = 2.0) -> np.ndarray:
    """The 3x3 homography of a sheet whose middle is at the origin, seen by a pinhole camera.

    Its scale is 1 at the middle. turn, yaw, pitch: radians, about the camera's axis, the vertical, the horizontal.
    distance: in sheet diagonals.
    """
    away = distance * float(np.hypot(width, height))
    cos, sin = np.cos, np.sin
    about_z = np.array([[cos(turn), -sin(turn), 0], [sin(turn), cos(turn), 0], [0, 0, 1]])
    about_y = np.array([[cos(yaw), 0, sin(yaw)], [0, 1, 0], [-sin(yaw), 0, cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, cos(pitch), -sin(pitch)], [0, sin(pitch), cos(pitch)]])
    rotation = about_z @ about_y @ about_x
    # The sheet's points are (x - width / 2, y - height / 2, 0): the third column of the rotation is never used.
    centre = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    plane = np.column_stack([rotation[:, 0], rotation[:, 1], [0, 0, away]])
    return np.diag([away, away, 1.0]) @ plane @ centre


def moved(shift: np.ndarray, homography: np.ndarray) -> np.ndarray:
    """The homography followed by a shift (x, y)."""
    return np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1]]) @ homography


def mapped(points: np.ndarray, homography: np.ndarray) -> np.ndarray:
    """float64 [n, 2] points sent through a homography."""
    sent = np.column_stack([points, np.ones(len(points))]) @ homography.T
    return sent[:, :2] / sent[:, 2:]


def sheet_corners(sheet: Sheet, homography: np.ndarray) -> np.ndarray:
    """Where the corners of the sheet come to lie, [4, 2]."""
    width, height = sheet.width, sheet.height
    return mapped(np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64), homography)


def paste(scene: np.ndarray, sheet: Sheet, homography: np.ndarray) -> list[Word]:
    """Draws the sheet on the scene (uint8 [h, w, 3], changed) and returns its words where they are now."""
    words = [replace(word, outline=mapped(word.outline, homography)) for word in sheet.words]
    for word in words:
        if word.ground is None:
            word.ground = _ground_behind(scene, word)
    corners = sheet_corners(sheet, homography)
    height, width = scene.shape[:2]
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 1, 0)
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 1, (width, height))
    if left >= right or top >= bottom:
        return words
    # OpenCV counts from the centres of pixels.
    from_centres = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    warp = moved((-left - 0.5, -top - 0.5), homography) @ from_centres
    extent = (int(right - left), int(bottom - top))
    alpha = cv2.warpPerspective(sheet.alpha, warp, extent, flags=cv2.INTER_LINEAR)
    # The colour at the rim goes on beyond it, or it would fade to black there; fading is what alpha is for.
    pixels = cv2.warpPerspective(sheet.pixels, warp, extent, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    blend(scene[top:bottom, left:right], pixels, alpha)
    return words


def blend(under: np.ndarray, over: np.ndarray, alpha: np.ndarray) -> None:
    """Lays `over` on `under` as thick as alpha says.

    over: uint8 [h, w, 3], or one colour [3]. under: uint8 [h, w, 3], changed. alpha: uint8 [h, w].
    """
    weight = alpha * np.float32(1 / 255)
    if over.ndim == 1:
        colour, over = over, np.empty_like(under)
        over[...] = np.clip(colour, 0, 255).astype(np.uint8)
    under[...] = cv2.blendLinear(over, under, weight, 1 - weight)


def _ground_behind(scene: np.ndarray, word: Word) -> float:
    """Mean luma behind the word, half a deviation nearer to the ink's, since a restless ground hides letters."""
    (left, top), (right, bottom) = (
        np.floor(word.outline.min(axis=0)).astype(int),
        np.ceil(word.outline.max(axis=0)).astype(int),
    )
    behind = luma(scene[max(0, top) : bottom, max(0, left) : right].astype(np.float32))
    mean, restless = float(behind.mean()), 0.5 * float(behind.std())
    return min(mean + restless, word.ink) if mean < word.ink else max(mean - restless, word.ink)
