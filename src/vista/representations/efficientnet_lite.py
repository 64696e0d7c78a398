"""EfficientNet-Lite0 as a function of its weights: the picture encoder that works without any download.

The network is the mobile form of EfficientNet (Tan and Le, arXiv 1905.11946): no squeeze-and-excitation, ReLU6 in place
of swish, a stem of 32 and a head of 1280 channels. The weights are those that Google trained on ImageNet; the layers
keep TensorFlow's "same" padding, which is uneven where a stride of 2 meets an even size.

```
pixels (n, 3, 224, 224) ► stem ► 16 inverted residual blocks ► head (n, 1280, 7, 7) ► mean over the plane (n, 1280)
block:  x ► expand 1×1 ► depthwise k×k ► project 1×1 (no ReLU6) ► + x where the shape is kept
```
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vista.errors import InputFileError, reason_of

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

PICTURE_PX = 224
N_BLOCKS = 16
STRIDE_2_BLOCKS = frozenset({1, 3, 5, 11})
BATCH_NORM_EPSILON = 1e-3
# The evaluation crop of the original: the middle 224 / (224 + 32) of the shorter side.
CROP_SHARE = PICTURE_PX / (PICTURE_PX + 32)


@dataclass(frozen=True, slots=True, eq=False)
class Convolution:
    """A convolution with its batch normalization folded in, and ReLU6 after it where `relu6`."""

    weight: Tensor
    bias: Tensor
    stride: int
    groups: int
    relu6: bool


@dataclass(frozen=True, slots=True, eq=False)
class EfficientNetLite0:
    """The layers in order; `classifier` maps the 1280 features to the 1000 classes of ImageNet."""

    stem: Convolution
    blocks: tuple[tuple[Convolution, ...], ...]
    head: Convolution
    classifier: tuple[Tensor, Tensor]


def read_network(weights_file: Path, device: str = "cpu") -> EfficientNetLite0:
    """Read the network from its checkpoint, of which every tensor must find its place.

    Raises:
        InputFileError: If the file cannot be read, lacks a tensor, or holds one that the network does not have.
    """
    import torch

    try:
        state = torch.load(weights_file, map_location=device, weights_only=True)
        network = _network(state)
    except Exception as error:  # torch reports damage in many ways
        raise InputFileError(
            f"'{weights_file.name}' does not hold EfficientNet-Lite0 ({reason_of(error)}); reinstall the package that brought it"
        ) from error
    left_over = [name for name in state if not name.endswith("num_batches_tracked")]
    if left_over:
        raise InputFileError(f"'{weights_file.name}' does not hold EfficientNet-Lite0: nothing uses its tensor '{left_over[0]}'")
    return network


def features(network: EfficientNetLite0, pixels: Tensor) -> Tensor:
    """Return the 1280 features of each picture, (n, 1280): the last convolution's output, averaged over the plane.

    Args:
        network: The layers.
        pixels: (n, 3, 224, 224) float32, as `to_pixels` prepares them.
    """
    return last_planes(network, pixels).mean(dim=(2, 3))


def last_planes(network: EfficientNetLite0, pixels: Tensor) -> Tensor:
    """Return the last convolution's output, (n, 1280, 7, 7)."""
    import torch

    # With the channels innermost, CPU convolutions run about twice as fast.
    planes = _apply(network.stem, pixels.contiguous(memory_format=torch.channels_last))
    for block in network.blocks:
        planes = _apply_block(block, planes)
    return _apply(network.head, planes)


def class_scores(network: EfficientNetLite0, pixels: Tensor) -> Tensor:
    """Return the logits of the 1000 ImageNet classes, (n, 1000)."""
    weight, bias = network.classifier
    return features(network, pixels) @ weight.T + bias


def to_pixels(picture: Image) -> NDArray[np.float32]:
    """Prepare an RGB picture as the network was evaluated: middle crop, bicubic to 224 px, (value − 127) / 128.

    Returns:
        (3, 224, 224) float32 in about [−1, 1].
    """
    from PIL.Image import Resampling

    side = CROP_SHARE * min(picture.size)
    left, top = (picture.width - side) / 2, (picture.height - side) / 2
    square = picture.resize((PICTURE_PX, PICTURE_PX), Resampling.BICUBIC, box=(left, top, left + side, top + side))
    values = (np.asarray(square, dtype=np.float32) - 127.0) / 128.0
    return np.ascontiguousarray(values.transpose(2, 0, 1))


def _network(state: dict[str, Tensor]) -> EfficientNetLite0:
    """Build the layers, taking each tensor out of `state`."""
    return EfficientNetLite0(
        stem=_folded(state, "_conv_stem", "_bn0", stride=2),
        blocks=tuple(_block(state, number) for number in range(N_BLOCKS)),
        head=_folded(state, "_conv_head", "_bn1"),
        classifier=(state.pop("_fc.weight"), state.pop("_fc.bias")),
    )


def _block(state: dict[str, Tensor], number: int) -> tuple[Convolution, ...]:
    at = f"_blocks.{number}."
    expand = [] if number == 0 else [_folded(state, f"{at}_expand_conv", f"{at}_bn0")]  # the first block has nothing to expand
    stride = 2 if number in STRIDE_2_BLOCKS else 1
    depthwise = _folded(state, f"{at}_depthwise_conv", f"{at}_bn1", stride=stride, depthwise=True)
    return (*expand, depthwise, _folded(state, f"{at}_project_conv", f"{at}_bn2", relu6=False))


def _folded(
    state: dict[str, Tensor], layer: str, norm: str, *, stride: int = 1, depthwise: bool = False, relu6: bool = True
) -> Convolution:
    weight = state.pop(f"{layer}.weight")
    scale, shift, mean, variance = (state.pop(f"{norm}.{name}") for name in ("weight", "bias", "running_mean", "running_var"))
    factor = scale / (variance + BATCH_NORM_EPSILON).sqrt()
    return Convolution(weight * factor[:, None, None, None], shift - mean * factor, stride, weight.shape[0] if depthwise else 1, relu6)


def _apply_block(block: tuple[Convolution, ...], planes: Tensor) -> Tensor:
    out = planes
    for convolution in block:
        out = _apply(convolution, out)
    return out + planes if out.shape == planes.shape else out


def _apply(convolution: Convolution, planes: Tensor) -> Tensor:
    from torch.nn import functional

    kernel = convolution.weight.shape[-1]
    x, y = (_same_padding(size, kernel, convolution.stride) for size in (planes.shape[-1], planes.shape[-2]))
    if x[0] == x[1] and y[0] == y[1]:
        padding = (y[0], x[0])
    else:
        planes, padding = functional.pad(planes, (*x, *y)), (0, 0)
    out = functional.conv2d(planes, convolution.weight, convolution.bias, convolution.stride, padding, 1, convolution.groups)
    return functional.relu6(out) if convolution.relu6 else out


def _same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Return TensorFlow's padding before and after: the output has ⌈size / stride⌉ places, the odd pixel comes last."""
    total = max(0, (-(-size // stride) - 1) * stride + kernel - size)
    return total // 2, total - total // 2
