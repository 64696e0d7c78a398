"""From items to vectors: vectors in hand, texts and pictures through a model, and any model's hidden states."""

from vista.representations.distinct import count_distinct
from vista.representations.encoder import Encoded, Encoder
from vista.representations.encoding import encode
from vista.representations.given import given
from vista.representations.hook_points import HookPoint, Place, parse_hook_point, resolve_hook_point
from vista.representations.hooked_loading import hooked_space, load_hooked_model, model_name
from vista.representations.hooked_model import HookedModel, read_states, run_with_states, width
from vista.representations.patch_states import PictureStates, patch_states
from vista.representations.specs import encoder_for
from vista.representations.token_states import ItemStates, StateBatch, token_state_batches, token_states

__all__ = [
    "Encoded",
    "Encoder",
    "HookPoint",
    "HookedModel",
    "ItemStates",
    "PictureStates",
    "Place",
    "StateBatch",
    "count_distinct",
    "encode",
    "encoder_for",
    "given",
    "hooked_space",
    "load_hooked_model",
    "model_name",
    "parse_hook_point",
    "patch_states",
    "read_states",
    "resolve_hook_point",
    "run_with_states",
    "token_state_batches",
    "token_states",
    "width",
]
