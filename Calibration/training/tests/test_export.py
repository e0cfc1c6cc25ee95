"""An exported network gives PyTorch's maps, and says what it needs."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from textpin_training.boxes import BoxSettings
from textpin_training.export import Description, export
from textpin_training.networks import NETWORKS, make_network

DESCRIPTION = Description("drawn", "drawn from a seed", "Apache-2.0", BoxSettings(threshold=0.25, score=0.55, unclip=1.7))


def trained_a_little(name: str) -> torch.nn.Module:
    """Normalizations with statistics of their own, so that folding has something to fold."""
    network = make_network(name, 1).train()
    with torch.no_grad():
        for seed in range(2):
            network(torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(seed)))
    return network.eval()


@pytest.mark.parametrize("name", NETWORKS)
def test_onnx_runtime_gives_pytorchs_map(name: str, tmp_path: Path):
    network = trained_a_little(name)
    pixels = torch.randn(1, 3, 96, 64, generator=torch.Generator().manual_seed(7))
    with torch.no_grad():
        expected = network.probability_map(pixels).numpy()
    assert export(network, tmp_path / "drawn.onnx", DESCRIPTION) < 1e-4
    session = onnxruntime.InferenceSession(str(tmp_path / "drawn.onnx"), providers=["CPUExecutionProvider"])
    (map_,) = session.run(None, {"x": pixels.numpy()})
    assert expected.std() > 1e-3
    assert np.abs(map_ - expected).max() < 1e-4
    kinds = {node.op_type for node in onnx.load(tmp_path / "drawn.onnx").graph.node}
    assert "BatchNormalization" not in kinds


def test_three_maps_on_request(tmp_path: Path):
    network = trained_a_little("nano")
    pixels = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(7))
    with torch.no_grad():
        logits = network(pixels)
    export(network, tmp_path / "heads.onnx", DESCRIPTION, heads=True)
    (maps,) = onnxruntime.InferenceSession(str(tmp_path / "heads.onnx"), providers=["CPUExecutionProvider"]).run(None, {"x": pixels.numpy()})
    assert maps.shape == (1, 3, 64, 64)
    for number, expected in enumerate([logits.probability.sigmoid(), logits.threshold.sigmoid()]):
        assert np.abs(maps[:, number] - expected[:, 0].numpy()).max() < 1e-4
    # k = 50 carries the maps' rounding into the binary map fifty times.
    assert np.abs(maps[:, 2] - logits.binary().sigmoid()[:, 0].numpy()).max() < 5e-3


def test_what_it_needs_is_written_into_it_and_beside_it(tmp_path: Path):
    export(trained_a_little("nano"), tmp_path / "drawn.onnx", DESCRIPTION)
    beside = json.loads((tmp_path / "drawn.json").read_text())
    assert beside == {
        "name": "drawn",
        "source": "drawn from a seed",
        "licence": "Apache-2.0",
        "order": "bgr",
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
        "threshold": 0.25,
        "score": 0.55,
        "unclip": 1.7,
    }
    inside = {each.key: each.value for each in onnx.load(tmp_path / "drawn.onnx").metadata_props}
    assert json.loads(inside["textpin"]) == beside
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drawn.json", "drawn.onnx"]
