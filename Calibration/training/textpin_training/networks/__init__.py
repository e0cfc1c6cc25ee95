"""The networks that can be trained."""

from .detector import NETWORKS, Detector, Logits, make_network

__all__ = ["NETWORKS", "Detector", "Logits", "make_network"]
