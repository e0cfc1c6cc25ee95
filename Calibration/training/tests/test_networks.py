"""Networks: shapes, what they cost, PP-OCR's weights, cutting down."""

import os
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from textpin_training.networks import NETWORKS, make_network
from textpin_training.networks.cut import cut_down
from textpin_training.networks.onnx_weights import WeightsError, load_onnx_weights
from textpin_training.preprocessing import network_input

SAMPLE = Path(__file__).parents[2] / "samples" / "images" / "bakery.jpg"
MODELS = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "textpin" / "models"


def multiplications(network: nn.Module, side: int) -> int:
    """Of the probability map of a square picture."""
    total = 0

    def count(module: nn.Conv2d | nn.ConvTranspose2d, inputs: tuple[torch.Tensor], output: torch.Tensor) -> None:
        nonlocal total
        positions = output if isinstance(module, nn.Conv2d) else inputs[0]
        total += module.weight.numel() * positions.shape[2] * positions.shape[3]

    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            module.register_forward_hook(count)
    with torch.no_grad():
        network.eval().probability_map(torch.zeros(1, 3, side, side))
    return total


@pytest.mark.parametrize("name", NETWORKS)
def test_both_maps_have_the_size_of_the_input(name: str):
    network = make_network(name, 1).eval()
    with torch.no_grad():
        logits = network(torch.zeros(1, 3, 64, 96))
    assert logits.probability.shape == logits.threshold.shape == (1, 1, 64, 96)


def test_a_seed_gives_the_same_network_and_another_another():
    first, same, other = (make_network("nano", seed).state_dict()["backbone.stem.0.0.weight"] for seed in (1, 1, 2))
    assert torch.equal(first, same) and not torch.equal(first, other)


def test_an_unknown_network_is_told_with_those_there_are():
    with pytest.raises(ValueError, match="no network called 'mini': one of mobilenet-v3, "):
        make_network("mini", 1)


def test_what_a_picture_costs():
    # docs/models.md counts 1.912 GMAC for PP-OCRv2 and v3; nano is to stay under 0.5.
    assert multiplications(make_network("mobilenet-v3-plain", 1), 640) == pytest.approx(1.912e9, rel=1e-3)
    assert multiplications(make_network("nano", 1), 640) < 0.5e9


@pytest.mark.parametrize(("kind", "file"), [("mobilenet-v3", "PP-OCRv3"), ("mobilenet-v3-plain", "PP-OCRv2")])
def test_weights_of_pp_ocr_give_its_map(kind: str, file: str):
    path = MODELS / f"{file}.onnx"
    if not path.exists():
        pytest.skip(f"{path} is not there: Calibration/models/fetch {file}")
    network = make_network(kind, 1)
    assert load_onnx_weights(network, path) == ["threshold"]
    # A picture with text: on noise the map is 0 everywhere.
    pixels = network_input(cv2.imread(str(SAMPLE), cv2.IMREAD_COLOR_RGB)[:320, :640])[None]
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    theirs = session.run(None, {session.get_inputs()[0].name: pixels.numpy()})[0]
    with torch.no_grad():
        ours = network.eval().probability_map(pixels).numpy()
    assert theirs.max() > 0.9
    assert np.abs(ours - theirs).max() < 1e-4


def test_weights_of_another_network_are_refused(tmp_path: Path):
    with pytest.raises(WeightsError, match="is not there"):
        load_onnx_weights(make_network("mobilenet-v3", 1), tmp_path / "none.onnx")
    (tmp_path / "text.onnx").write_text("this is no network")
    with pytest.raises(WeightsError, match="is not an ONNX file|convolutions where"):
        load_onnx_weights(make_network("mobilenet-v3", 1), tmp_path / "text.onnx")
    path = MODELS / "PP-OCRv3.onnx"
    if path.exists():
        with pytest.raises(WeightsError, match="fit mobilenet-v3 and mobilenet-v3-plain only"):
            load_onnx_weights(make_network("nano", 1), path)
        with pytest.raises(WeightsError, match="convolutions where the network has"):
            load_onnx_weights(make_network("mobilenet-v3-plain", 1), path)


def test_cutting_down_keeps_the_channels_that_matter():
    large, small = make_network("mobilenet-v3", 1), make_network("nano", 2)
    block = large.backbone.stages[3][1]
    # 192 of 480 channels are made to matter, in no order; the others add nothing to the block's output.
    chosen = torch.randperm(480, generator=torch.Generator().manual_seed(1))[:192].sort().values
    with torch.no_grad():
        unimportant = torch.ones(480, dtype=torch.bool)
        unimportant[chosen] = False
        block.project[0].weight[:, unimportant] = 0.0
    filled = cut_down(large, small)
    assert "backbone.stages.3.1" in filled
    cut = small.backbone.stages[3][1]
    assert torch.equal(cut.depthwise[0].weight, block.depthwise[0].weight[chosen])
    features = torch.randn(1, 80, 8, 8, generator=torch.Generator().manual_seed(2))
    large.eval(), small.eval()
    # Nano's activation is ReLU: compare where both are made the same.
    for each in (block, cut):
        each.expand[2], each.depthwise[2] = nn.ReLU(), nn.ReLU()
    with torch.no_grad():
        assert torch.allclose(block(features), cut(features), atol=1e-5)
