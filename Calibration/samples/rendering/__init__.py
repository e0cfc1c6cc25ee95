"""Street scenes drawn from a seed: `SCENES` maps a photo's name to its size and the function that draws it."""

from . import errands, nights, quiet, roads, shops  # noqa: F401
from .registry import SCENES

__all__ = ["SCENES"]
