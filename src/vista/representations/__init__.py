"""From items to vectors: vectors in hand, texts through a language model, pictures through a vision model."""

from vista.representations.distinct import count_distinct
from vista.representations.encoder import Encoded, Encoder
from vista.representations.encoding import encode
from vista.representations.given import given
from vista.representations.specs import encoder_for

__all__ = ["Encoded", "Encoder", "count_distinct", "encode", "encoder_for", "given"]
