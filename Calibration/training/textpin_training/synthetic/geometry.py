"""From a flat sheet into the scene: homographies of a tilted plane, and pasting a sheet through one."""

from dataclasses import dataclass, field

import cv2
import numpy as np


@dataclass
class Word:
    """A word on a sheet or in a scene.

    outline: float64 [n, 2], clockwise from the top left as the word is read, around its ink.
    contrast: difference of luma, 0 to 255, between ink and what surrounds it.
    """

    text: str
    outline: np.ndarray
    contrast: float = 255.0

    @property
    def height(self) -> float:
        """The outline's shorter way across, measured halfway along: points i and n-1-i face each other."""
        half = len(self.outline) // 2
        across = self.outline[:half] - self.outline[: half - 1 : -1]
        return float(np.linalg.norm(across, axis=1).mean())


@dataclass
class Sheet:
    """Something flat with text, before it is seen at an angle.

    pixels: float32 [height, width, 3], 0 to 255.
    alpha: float32 [height, width], 0 to 1: what the sheet covers.
    """

    pixels: np.ndarray
    alpha: np.ndarray
    words: list[Word] = field(default_factory=list)


def tilted_plane(width: float, height: float, turn: float, yaw: float, pitch: float, distance: float = 2.0) -> np.ndarray:
    """The 3x3 homography of a sheet whose middle is at the origin, seen by a pinhole camera.

    turn, yaw, pitch: radians, about the camera's axis, the vertical, the horizontal. distance: in sheet diagonals. Scale 1 at the middle.
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


def mapped(points: np.ndarray, homography: np.ndarray) -> np.ndarray:
    """float64 [n, 2] points sent through a homography."""
    sent = np.column_stack([points, np.ones(len(points))]) @ homography.T
    return sent[:, :2] / sent[:, 2:]


def sheet_corners(sheet: Sheet, homography: np.ndarray) -> np.ndarray:
    """Where the corners of the sheet come to lie, [4, 2]."""
    height, width = sheet.alpha.shape
    return mapped(np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64), homography)


def paste(scene: np.ndarray, sheet: Sheet, homography: np.ndarray) -> list[Word]:
    """Draws the sheet on the scene (float32 [h, w, 3], changed) and returns its words where they are now.

    Continuous coordinates: a pixel's area is [i, i + 1), so its centre is at i + 0.5; OpenCV's warp puts centres at i.
    """
    corners = sheet_corners(sheet, homography)
    height, width = scene.shape[:2]
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 1, 0)
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 1, (width, height))
    if left < right and top < bottom:
        half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
        back = np.array([[1, 0, -left - 0.5], [0, 1, -top - 0.5], [0, 0, 1]])
        warp = back @ homography @ half
        extent = (int(right - left), int(bottom - top))
        alpha = cv2.warpPerspective(sheet.alpha, warp, extent, flags=cv2.INTER_LINEAR)[..., None]
        # Colours must not fade to black at the edge: that is what alpha is for.
        pixels = cv2.warpPerspective(sheet.pixels, warp, extent, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        under = scene[top:bottom, left:right]
        under += alpha * (pixels - under)
    return [Word(word.text, mapped(word.outline, homography), word.contrast) for word in sheet.words]
