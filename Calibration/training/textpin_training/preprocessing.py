"""From pixels to a network's input, as PaddleOCR's weights want it, so that they can be started from: B G R, ImageNet's mean and deviation in that order."""

import numpy as np
import torch
from torch import Tensor

CHANNEL_ORDER = "bgr"
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
# R G B: what the product pads pictures with, the mean colour, nearly 0 to the network.
PADDING_COLOUR = tuple(round(255 * mean) for mean in reversed(MEAN))


def network_input(pixels: np.ndarray) -> Tensor:
    """uint8 [height, width, 3] R G B to float32 [3, height, width]: (value / 255 - mean) / deviation."""
    channels = torch.from_numpy(np.ascontiguousarray(pixels[..., ::-1])).permute(2, 0, 1).float()
    mean = torch.tensor(MEAN).view(3, 1, 1)
    deviation = torch.tensor(DEVIATION).view(3, 1, 1)
    return (channels / 255.0 - mean) / deviation
