from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from representations.tiny_models import DIM, save_text_model, save_vision_model
from vista.errors import InputError, InputFileError
from vista.representations import encode, encoder_for

pytestmark = pytest.mark.model
PICTURES = sorted((Path(__file__).parent / "pictures").glob("*.webp"))


def encoded_as(image, form="PNG"):
    buffer = BytesIO()
    image.save(buffer, form)
    return buffer.getvalue()


def on_white(path):
    from PIL import Image

    image = Image.open(path).convert("RGBA")
    ground = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return Image.alpha_composite(ground, image).convert("RGB")


def own_features(kind, model, pixels):
    if kind in ("clip", "siglip"):
        features = model.get_image_features(pixel_values=pixels)
        return getattr(features, "pooler_output", features)
    if kind == "dinov2":
        return model(pixel_values=pixels).pooler_output
    return model.vit(pixel_values=pixels).last_hidden_state[:, 0]


@pytest.mark.parametrize(("kind", "dim"), [("clip", 12), ("siglip", DIM), ("dinov2", DIM), ("vit", DIM)])
def test_vectors_are_the_models_own_features_of_each_picture(tmp_path, capfd, kind, dim):
    import torch
    import transformers as tf

    folder = save_vision_model(tmp_path / kind, kind)
    capfd.readouterr()
    representation = encode(encoder_for(f"vision:{folder}"), PICTURES, batch_size=3)
    assert capfd.readouterr() == ("", "")
    assert representation.vectors.shape == (len(PICTURES), dim)
    assert representation.encoder == kind
    architecture = {"clip": tf.CLIPModel, "siglip": tf.SiglipModel, "dinov2": tf.Dinov2Model, "vit": tf.ViTForImageClassification}[kind]
    model, processor = architecture.from_pretrained(folder).eval(), tf.AutoImageProcessor.from_pretrained(folder, backend="pil")
    with torch.no_grad():
        alone = [
            own_features(kind, model, processor(images=on_white(path), return_tensors="pt")["pixel_values"])[0].numpy() for path in PICTURES
        ]
    np.testing.assert_allclose(representation.vectors, alone, atol=1e-5)
    assert np.abs(representation.vectors - representation.vectors[0]).max() > 1e-4


def test_the_default_runs_without_any_download():
    encoder = encoder_for("vision")
    representation = encode(encoder, PICTURES)
    assert representation.vectors.shape == (len(PICTURES), 1280)
    assert representation.encoder == "EfficientNet-Lite0"
    assert encode(encoder_for("vision"), PICTURES).vectors.tobytes() == representation.vectors.tobytes()
    np.testing.assert_allclose(encode(encoder, PICTURES[::-1], batch_size=1).vectors[::-1], representation.vectors, atol=1e-5)


def test_a_file_and_its_bytes_are_the_same_picture_and_transparency_is_white(tmp_path):
    encoder = encoder_for("vision")
    files, data = encode(encoder, PICTURES[:2]), encode(encoder, [path.read_bytes() for path in PICTURES[:2]])
    assert files.fingerprint == data.fingerprint
    flat = encode(encoder, [encoded_as(on_white(path)) for path in PICTURES[:2]])
    assert flat.fingerprint == files.fingerprint


def test_items_without_a_picture_have_zero_vectors_and_are_counted(tmp_path):
    representation = encode(encoder_for("vision"), [None, PICTURES[0], None], cache_folder=tmp_path)
    assert representation.vectors[[0, 2]].any() == np.False_
    assert representation.vectors[1].any()
    assert representation.notes == ("2 of 3 items have no picture: their vectors are zero",)
    with pytest.raises(InputError, match="none of the 2 items has a picture"):
        encode(encoder_for("vision"), [None, None])


def test_wide_tall_and_tiny_pictures_have_vectors():
    from PIL import Image

    odd = [encoded_as(Image.new(mode, size)) for mode, size in (("RGB", (300, 2)), ("L", (1, 1)), ("RGBA", (3, 200)))]
    assert np.isfinite(encode(encoder_for("vision"), odd).vectors).all()


def test_pictures_that_cannot_be_read_are_named(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"the picture 'broken\.png' cannot be decoded"):
        encode(encoder_for("vision"), [tmp_path / "broken.png"])
    with pytest.raises(InputFileError, match=r"the picture 'lost\.png' cannot be read \(No such file"):
        encode(encoder_for("vision"), [tmp_path / "lost.png"])


def test_another_kind_of_model_is_refused(tmp_path):
    folder = save_text_model(tmp_path / "bert")
    with pytest.raises(InputError, match="'bert' is a 'bert' model, which gives no picture vectors"):
        encode(encoder_for(f"vision:{folder}"), PICTURES)
