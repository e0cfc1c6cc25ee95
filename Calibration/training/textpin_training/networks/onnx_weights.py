"""Weights of PP-OCR's ONNX files, for the MobileNetV3 networks: convolutions and normalizations are met in the order of the graph.

PaddleOCR's own names are lost in conversions, but exporters keep the order of execution, and every shape is checked.
"""

from pathlib import Path

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError
from onnx import numpy_helper
from torch import nn

from .detector import Detector
from .pyramid import ConcatenatedPyramid


class WeightsError(Exception):
    """An ONNX file that does not hold the weights of the network: one sentence for the user."""


def load_onnx_weights(network: Detector, path: Path) -> list[str]:
    """Copies the weights of a PP-OCRv2 or v3 ONNX file into `network`, whose kind must fit: mobilenet-v3 for v3, mobilenet-v3-plain for v2.

    Returns the names of modules that the file has no weights for: the threshold head.
    """
    try:
        graph = onnx.load(path).graph
    except FileNotFoundError:
        raise WeightsError(f"{path} is not there: `Calibration/models/fetch PP-OCRv3` fetches it.") from None
    except (DecodeError, OSError) as error:
        raise WeightsError(f"{path} is not an ONNX file that can be read: {error}.") from None
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            values[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        elif node.op_type in ("Identity", "Reshape") and node.input[0] in values:
            values[node.output[0]] = values[node.input[0]]
    consumers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            consumers.setdefault(name, []).append(node)

    if not isinstance(network.pyramid, ConcatenatedPyramid):
        raise WeightsError(f"{path} cannot start this network: PP-OCR's weights fit mobilenet-v3 and mobilenet-v3-plain only.")
    nodes = [node for node in graph.node if node.op_type in ("Conv", "ConvTranspose")]
    modules = _in_order(network)
    if len(nodes) != len(modules):
        raise WeightsError(f"{path} has {len(nodes)} convolutions where the network has {len(modules)}: it is another kind of network.")
    for node, (name, convolution, norm) in zip(nodes, modules, strict=True):
        _copy(convolution.weight, values[node.input[1]], f"the weights of {name}", path)
        output = node.output[0]
        bias = values[node.input[2]] if len(node.input) > 2 else None
        for consumer in consumers[output]:
            other = next((values[each] for each in consumer.input if each in values), None)
            if consumer.op_type == "Add" and other is not None and other.size == convolution.out_channels:
                bias, output = other, consumer.output[0]
        if convolution.bias is not None:
            _copy(convolution.bias, np.zeros(convolution.bias.shape) if bias is None else bias.reshape(-1), f"the bias of {name}", path)
        if norm is not None:
            node = consumers[output][0]
            if node.op_type != "BatchNormalization":
                raise WeightsError(f"{path} has {node.op_type} after {name}, where BatchNormalization was expected.")
            targets = (norm.weight, norm.bias, norm.running_mean, norm.running_var)
            for target, source in zip(targets, node.input[1:], strict=True):
                _copy(target, values[source], f"the normalization of {name}", path)
    return ["threshold"]


def _in_order(network: Detector) -> list[tuple[str, nn.Module, nn.BatchNorm2d | None]]:
    """The convolutions of the path to the probability map in PaddleOCR's order of execution, each with the normalization that follows."""
    found: list[tuple[str, nn.Module, nn.BatchNorm2d | None]] = []

    def walk(module: nn.Module, name: str) -> None:
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            found.append((name, module, None))
        elif isinstance(module, nn.BatchNorm2d):
            found[-1] = (found[-1][0], found[-1][1], module)
        else:
            for child_name, child in module.named_children():
                walk(child, f"{name}.{child_name}")

    walk(network.backbone, "backbone")
    for part in ("lateral", "smooth"):
        levels = list(getattr(network.pyramid, part))
        for index in reversed(range(len(levels))):
            walk(levels[index], f"pyramid.{part}.{index}")
    walk(network.probability, "probability")
    return found


def _copy(target: torch.Tensor, source: np.ndarray, what: str, path: Path) -> None:
    if tuple(target.shape) != tuple(source.shape):
        raise WeightsError(f"{path} has {list(source.shape)} for {what}, where {list(target.shape)} was expected.")
    with torch.no_grad():
        target.copy_(torch.from_numpy(np.array(source, dtype=np.float32)))
