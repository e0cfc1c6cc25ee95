"""A trained network as ONNX: normalizations folded, the threshold head left out unless asked for, what it needs to be used right in its metadata."""

import json
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from .boxes import BoxSettings
from .networks import Detector
from .networks.rounding import fold_normalizations
from .preprocessing import CHANNEL_ORDER, DEVIATION, MEAN

OPSET = 17
# The entry of the file's metadata that holds what the JSON file beside it says; `textpin calibrate` looks for it.
METADATA_KEY = "textpin"


class ExportError(Exception):
    """A network that did not survive its export: one sentence for the user."""


@dataclass(frozen=True)
class Description:
    """What the ONNX file says of itself, and the JSON file beside it: name, where the weights come from, licence, and the box settings that suit them."""

    name: str
    source: str
    licence: str
    boxes: BoxSettings

    def as_table(self) -> dict[str, object]:
        """The form that `Calibration/models/README.md` fixes."""
        return {
            "name": self.name,
            "source": self.source,
            "licence": self.licence,
            "order": CHANNEL_ORDER,
            "mean": list(MEAN),
            "std": list(DEVIATION),
            "threshold": self.boxes.threshold,
            "score": self.boxes.score,
            "unclip": self.boxes.unclip,
        }


class _Maps(nn.Module):
    """Probability map; with the threshold head: probability, threshold and approximate binary map as three channels, as PP-OCR v2.0's both-heads file has."""

    def __init__(self, network: Detector, heads: bool):
        super().__init__()
        self.network = network
        self.heads = heads

    def forward(self, pixels: Tensor) -> Tensor:
        if not self.heads:
            return self.network.probability_map(pixels)
        logits = self.network(pixels)
        return torch.cat([logits.probability.sigmoid(), logits.threshold.sigmoid(), logits.binary().sigmoid()], dim=1)


def export(network: Detector, path: Path, description: Description, heads: bool = False) -> float:
    """Writes `path` and the JSON file beside it, whole or not at all; returns the greatest difference between PyTorch's and ONNX Runtime's maps.

    network: is folded in place. Input `x` [batch, 3, height, width], sides multiples of 32. Raises ExportError if the maps differ by more than 1e-4.
    """
    network = network.cpu().eval()
    fold_normalizations(network)
    maps = _Maps(network, heads).eval()
    temporary = path.with_suffix(".onnx.partial")
    free = {0: "batch", 2: "height", 3: "width"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            maps, (torch.zeros(1, 3, 64, 96),), str(temporary), input_names=["x"], output_names=["maps"], opset_version=OPSET,
            dynamic_axes={"x": free, "maps": free}, dynamo=False,
        )  # fmt: skip
    model = onnx.load(temporary)
    table = description.as_table()
    onnx.helper.set_model_props(model, {METADATA_KEY: json.dumps(table)})
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, temporary)
    difference = _difference(maps, temporary)
    if difference > 1e-4:
        temporary.unlink()
        raise ExportError(f"The map of {path} differs from PyTorch's by {difference:.2g} in ONNX Runtime, where 1e-4 at most was expected.")
    side = path.with_suffix(".json")
    side.with_suffix(".json.partial").write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    os.replace(side.with_suffix(".json.partial"), side)
    os.replace(temporary, path)
    return difference


def _difference(maps: nn.Module, path: Path) -> float:
    """On an input of another size than the one that was traced."""
    pixels = torch.from_numpy(np.random.default_rng(1).standard_normal((2, 3, 128, 160), dtype=np.float32))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    theirs = session.run(None, {"x": pixels.numpy()})[0]
    with torch.inference_mode():
        return float(np.abs(maps(pixels).numpy() - theirs).max())
