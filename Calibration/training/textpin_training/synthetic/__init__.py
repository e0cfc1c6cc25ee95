"""Scenes with text whose outlines are known exactly, rendered from seeds before walls and photographs."""

from .fonts import FontError
from .photographs import PhotographError
from .scenes import SceneGenerator

__all__ = ["FontError", "PhotographError", "SceneGenerator"]
