"""A sparse autoencoder as data, and its two verbs: states to codes, codes back to states.

    x' = normalized(x − its mean, where the training centered it) − b_dec·[apply_b_dec_to_input]
    a  = x' W_enc + b_enc
    standard   z = relu(a)
    jumprelu   z = a where a > max(θ, 0), else 0                   (strict: at the threshold a latent is silent)
    topk       z = relu of the k largest a, else 0
    gated      z = relu(a ∘ exp(r_mag) + b_mag) where x' W_enc + b_gate > 0, else 0

A transcoder has the same encoder; what it decodes are the states of another hook. Everything is float32: a threshold is
a hard edge, and codes of rounded numbers differ there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np

from vista.errors import InputError
from vista.execution import content_key

if TYPE_CHECKING:
    import scipy.sparse as sp

Tensor: TypeAlias = Any  # torch.Tensor, float32; torch loads where it is used
Architecture: TypeAlias = Literal["standard", "gated", "topk", "jumprelu"]
Normalization: TypeAlias = Literal["none", "layer_norm", "constant_norm_rescale"]

ARCHITECTURES: tuple[str, ...] = get_args(Architecture)
NORMALIZATIONS: tuple[str, ...] = get_args(Normalization)
_LAYER_NORM_EPSILON = 1e-5
_BLOCK_CELLS = 2**24  # pre-activations in hand at once: 64 MB


@dataclass(frozen=True, slots=True, eq=False)
class SparseAutoencoder:
    """A trained sparse autoencoder or transcoder, ready to encode.

    Attributes:
        architecture: How pre-activations become codes. BatchTopK autoencoders are "jumprelu": their threshold is saved.
        W_enc: (d_in, d_sae).
        W_dec: (d_sae, d_out); its rows are the decoder directions.
        b_enc: (d_sae,); for "gated" the bias of the gate.
        b_dec: (d_out,).
        threshold: (d_sae,), "jumprelu" only.
        k: Latents kept for each token, "topk" only.
        b_mag: (d_sae,), "gated" only.
        r_mag: (d_sae,), "gated" only.
        W_skip: (d_out, d_in) linear path around the latents, in skip transcoders.
        apply_b_dec_to_input: Whether b_dec is subtracted before encoding.
        normalization: What is done to each state before encoding, and undone after decoding.
        centered: Whether the mean over its dimensions is first taken from each state, as for a model whose writing weights
            were centered.
        fingerprint: SHA-256 (hex) of the weights and the maths; the same in whichever format the autoencoder was stored.
        form: The format it was read from, in words.
        hook_name: Where the states come from, such as "blocks.20.hook_resid_post" or a module's path; None when unknown.
        hook_name_out: What a transcoder reconstructs; None for an autoencoder, which reconstructs its input.
        model_name: Hub id of the model, or the name that the file gives; None when unknown.
        expected_l0: Mean number of active latents a token that its authors state; None when unknown.
        neuronpedia_id: "model/source" on Neuronpedia, or None.
        context_size: Tokens in a context during training, or None when unknown.
        notes: Sentences to say to the user.
    """

    architecture: Architecture
    W_enc: Tensor = field(repr=False)
    W_dec: Tensor = field(repr=False)
    b_enc: Tensor = field(repr=False)
    b_dec: Tensor = field(repr=False)
    threshold: Tensor | None = field(default=None, repr=False)
    k: int | None = None
    b_mag: Tensor | None = field(default=None, repr=False)
    r_mag: Tensor | None = field(default=None, repr=False)
    W_skip: Tensor | None = field(default=None, repr=False)
    apply_b_dec_to_input: bool = False
    normalization: Normalization = "none"
    centered: bool = False
    fingerprint: str = ""
    form: str = ""
    hook_name: str | None = None
    hook_name_out: str | None = None
    model_name: str | None = None
    expected_l0: float | None = None
    neuronpedia_id: str | None = None
    context_size: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def d_in(self) -> int:
        return int(self.W_enc.shape[0])

    @property
    def d_sae(self) -> int:
        return int(self.W_enc.shape[1])

    @property
    def d_out(self) -> int:
        return int(self.W_dec.shape[1])

    @property
    def is_transcoder(self) -> bool:
        return self.hook_name_out is not None or self.W_skip is not None or self.d_out != self.d_in

    @property
    def device(self) -> Any:
        return self.W_enc.device


_TENSORS = ("W_enc", "W_dec", "b_enc", "b_dec", "threshold", "b_mag", "r_mag", "W_skip")


def autoencoder(**fields: Any) -> SparseAutoencoder:
    """Make a `SparseAutoencoder` of its fields: tensors or arrays of any float type become contiguous float32.

    Raises:
        InputError: If a tensor is missing, has the wrong shape or holds NaN or infinity, or the architecture, `k` or the
            normalization is unknown.
    """
    tensors = {name: _as_float32(fields[name]) for name in _TENSORS if fields.get(name) is not None}
    sae = SparseAutoencoder(**{**fields, **tensors})
    _refuse_unknown(sae)
    _refuse_unfit(sae)
    return replace(sae, fingerprint=_fingerprint(sae))


def encode(sae: SparseAutoencoder, states: Any) -> Tensor:
    """Return the codes of a batch of states, dense: (n, d_sae) float32, on the autoencoder's device.

    Args:
        sae: The autoencoder.
        states: (n, d_in) torch tensor or NumPy array of any float type.

    Raises:
        InputError: If the states are not n × d_in, or hold NaN or infinity.
    """
    return _dense_codes(sae, _pre_activations(sae, _checked(sae, states)))


def encode_sparse(sae: SparseAutoencoder, states: Any) -> sp.csr_matrix:
    """Return the codes of a batch of states as CSR rows: (n, d_sae) float32, columns ascending, zeros left out.

    Takes blocks of rows, so that it needs some 64 MB beside the codes, whatever n and d_sae are.

    Args:
        sae: The autoencoder.
        states: (n, d_in) torch tensor or NumPy array of any float type.

    Raises:
        InputError: If the states are not n × d_in, or hold NaN or infinity.
    """
    import scipy.sparse

    checked = _checked(sae, states)
    blocks = [_sparse_codes(sae, _pre_activations(sae, rows)) for rows in row_blocks(sae, checked)]
    counts = np.concatenate([np.zeros(1, np.int64), *(counts for counts, _, _ in blocks)])
    latents = np.concatenate([np.zeros(0, np.int32), *(latents for _, latents, _ in blocks)])
    values = np.concatenate([np.zeros(0, np.float32), *(values for _, _, values in blocks)])
    return scipy.sparse.csr_matrix((values, latents, np.cumsum(counts)), shape=(len(checked), sae.d_sae))


def decode(sae: SparseAutoencoder, codes: Any, states: Any = None) -> Tensor:
    """Return the states that codes stand for: (n, d_out) float32.

    Args:
        sae: The autoencoder.
        codes: (n, d_sae) dense codes.
        states: (n, d_in) states that were encoded; wanted where their mean or scale was taken out, or a path skips the
            latents.

    Raises:
        InputError: If `states` are wanted and missing.
    """
    import torch

    with torch.no_grad():
        decoded = torch.addmm(sae.b_dec, _as_float32(codes).to(sae.device), sae.W_dec)
        if states is None:
            if sae.W_skip is not None or (not sae.is_transcoder and (sae.normalization != "none" or sae.centered)):
                raise InputError("decoding needs the states too: this autoencoder normalizes them, or has a path that skips its latents")
            return decoded
        given = _checked(sae, states)
        if sae.W_skip is not None:
            decoded = decoded + given @ sae.W_skip.T
        # The scale of the input says nothing about another hook's states.
        return decoded if sae.is_transcoder else _denormalized(sae, decoded, given)


def on_device(sae: SparseAutoencoder, device: str) -> SparseAutoencoder:
    """Return the autoencoder with its tensors on a device; the same one where they lie there already."""
    import torch

    if sae.device == torch.device(device):
        return sae
    return replace(sae, **{name: tensor.to(device) for name in _TENSORS if (tensor := getattr(sae, name)) is not None})


def row_blocks(sae: SparseAutoencoder, states: Tensor) -> Iterator[Tensor]:
    """Yield the states in blocks of rows whose pre-activations take some 64 MB."""
    rows = max(1, _BLOCK_CELLS // sae.d_sae)
    for start in range(0, len(states), rows):
        yield states[start : start + rows]


def refuse_other_width(sae: SparseAutoencoder, width: int, source: str) -> None:
    """Refuse states, or a model, of another width than the autoencoder reads.

    Args:
        sae: The autoencoder.
        width: Dimensions of the states.
        source: Whose they are, as the message says it: "the states", "the model 'gpt2'".

    Raises:
        InputError: If `width` is not d_in; the message gives both numbers and the likely mistake.
    """
    if width == sae.d_in:
        return
    if width == sae.d_sae:
        likely = "d_in and d_sae are swapped: W_enc must be (d_in, d_sae)"
    elif width == sae.d_out:
        likely = "a transcoder reads another hook than the one it reconstructs"
    else:
        likely = f"it was trained on another model or hook ({sae.model_name or 'model unknown'}, {sae.hook_name or 'hook unknown'})"
    raise InputError(f"the autoencoder reads states of d_in = {sae.d_in} dimensions, but {source} has {width}; probably {likely}")


def _pre_activations(sae: SparseAutoencoder, states: Tensor) -> Tensor:
    """Return a = x' W_enc + b_enc, (n, d_sae); for a gated autoencoder x' W_enc without a bias."""
    import torch

    with torch.no_grad():
        inputs = _normalized(sae, states)
        if sae.apply_b_dec_to_input:
            inputs = inputs - sae.b_dec
        return inputs @ sae.W_enc if sae.architecture == "gated" else torch.addmm(sae.b_enc, inputs, sae.W_enc)


def _dense_codes(sae: SparseAutoencoder, pre: Tensor) -> Tensor:
    import torch

    with torch.no_grad():
        if sae.architecture == "topk":
            values, latents = pre.topk(sae.k, dim=1, sorted=False)
            return torch.zeros_like(pre).scatter_(1, latents, values.relu_())
        if sae.architecture == "gated":
            return _magnitudes(sae, pre).masked_fill_(pre + sae.b_enc <= 0, 0.0)
        if sae.architecture == "jumprelu":
            return pre.masked_fill_(pre <= _edge(sae), 0.0)
        return pre.relu_()


def _sparse_codes(sae: SparseAutoencoder, pre: Tensor) -> tuple[Any, ...]:
    """Return how many latents fire in each row, which (int32, ascending in a row), and their values."""
    import torch

    with torch.no_grad():
        if sae.architecture == "topk":
            values, latents = pre.topk(sae.k, dim=1, sorted=False)
            latents, order = latents.sort(dim=1)
            values = values.gather(1, order)
            fires = values > 0
            return _on_cpu(fires.sum(1), latents[fires].to(torch.int32), values[fires])
        codes = _magnitudes(sae, pre) if sae.architecture == "gated" else pre
        fires = (codes > 0) & (pre + sae.b_enc > 0) if sae.architecture == "gated" else codes > _edge(sae)
        places = _places(fires)
        counts = torch.bincount(places // sae.d_sae, minlength=len(pre))
        return _on_cpu(counts, (places % sae.d_sae).to(torch.int32), codes.view(-1)[places])


def _places(fires: Tensor) -> Tensor:
    """Return where a matrix of marks is true, row after row, as one number each."""
    import torch

    # NumPy's search is several times as fast as torch's on a processor, and a sum over marks slower than either.
    return torch.from_numpy(np.flatnonzero(fires.numpy())) if fires.device.type == "cpu" else fires.view(-1).nonzero().view(-1)


def _on_cpu(*tensors: Tensor) -> tuple[Any, ...]:
    return tuple(tensor.cpu().numpy() for tensor in tensors)


def _magnitudes(sae: SparseAutoencoder, pre: Tensor) -> Tensor:
    assert sae.r_mag is not None
    return (pre * sae.r_mag.exp() + sae.b_mag).relu_()


def _edge(sae: SparseAutoencoder) -> Any:
    """Return what a pre-activation must exceed: max(θ, 0), for a code is never negative."""
    return 0.0 if sae.threshold is None else sae.threshold.clamp(min=0.0)


def _normalized(sae: SparseAutoencoder, states: Tensor) -> Tensor:
    if sae.centered:
        states = states - states.mean(1, keepdim=True)
    if sae.normalization == "layer_norm":
        mean, deviation = _row_moments(states)
        return (states - mean) / (deviation + _LAYER_NORM_EPSILON)
    if sae.normalization == "constant_norm_rescale":
        return states * (sae.d_in**0.5 / _row_norms(states))
    return states


def _denormalized(sae: SparseAutoencoder, decoded: Tensor, states: Tensor) -> Tensor:
    """Return `decoded` in the scale of the states, undoing `_normalized`."""
    center = states.mean(1, keepdim=True) if sae.centered else 0.0
    inner = states - center
    if sae.normalization == "layer_norm":
        mean, deviation = _row_moments(inner)
        return decoded * deviation + mean + center
    if sae.normalization == "constant_norm_rescale":
        return decoded * (_row_norms(inner) / sae.d_in**0.5) + center
    return decoded + center


def _row_moments(states: Tensor) -> tuple[Tensor, Tensor]:
    """Return each row's mean and standard deviation with n − 1, (n, 1) each."""
    return states.mean(1, keepdim=True), states.std(1, keepdim=True)


def _row_norms(states: Tensor) -> Tensor:
    """Return each row's length, (n, 1); a row of zeros stays one of zeros when it is divided by this."""
    return states.norm(dim=1, keepdim=True).clamp(min=1e-20)


def _checked(sae: SparseAutoencoder, states: Any) -> Tensor:
    """Return states as float32 on the autoencoder's device, refusing what it cannot encode."""
    tensor = _as_float32(states).to(sae.device)
    if tensor.ndim != 2:
        raise InputError(f"states must be a matrix with one row a token; this one has {tensor.ndim} dimension(s)")
    refuse_other_width(sae, int(tensor.shape[1]), "each of the states")
    if not bool(tensor.isfinite().all()):
        broken = int((~tensor.isfinite().all(1)).sum())
        raise InputError(f"{broken} of {len(tensor)} states hold NaN or infinity; run the model in bfloat16 or float32, not float16")
    return tensor


def _as_float32(values: Any) -> Tensor:
    import torch

    tensor = values if isinstance(values, torch.Tensor) else torch.from_numpy(np.asarray(values))
    return tensor.detach().to(torch.float32).contiguous()


def _refuse_unknown(sae: SparseAutoencoder) -> None:
    if sae.architecture not in ARCHITECTURES:
        raise InputError(f"VISTA cannot encode with a '{sae.architecture}' autoencoder; it knows {', '.join(ARCHITECTURES)}")
    if sae.normalization not in NORMALIZATIONS:
        raise InputError(f"VISTA does not know the normalization '{sae.normalization}'; it knows {', '.join(NORMALIZATIONS)}")
    if sae.architecture == "topk" and (sae.k is None or not 1 <= sae.k <= sae.d_sae):
        raise InputError(f"a TopK autoencoder needs k from 1 to d_sae = {sae.d_sae}, and this one has k = {sae.k}")


def _refuse_unfit(sae: SparseAutoencoder) -> None:
    wanted = {"jumprelu": ("threshold",), "gated": ("b_mag", "r_mag")}.get(sae.architecture, ())
    if missing := [name for name in wanted if getattr(sae, name) is None]:
        raise InputError(f"a {sae.architecture} autoencoder needs {' and '.join(missing)}, and this one has none")
    d_in, d_sae, d_out = sae.d_in, sae.d_sae, sae.d_out
    shapes = {"W_dec": (d_sae, d_out), "b_enc": (d_sae,), "b_dec": (d_out,), "W_skip": (d_out, d_in)}
    shapes |= {name: (d_sae,) for name in ("threshold", "b_mag", "r_mag")}
    for name, shape in shapes.items():
        tensor = getattr(sae, name)
        if tensor is not None and tuple(tensor.shape) != shape:
            raise InputError(
                f"{name} is {_shape(tensor)}, but with W_enc {_shape(sae.W_enc)} it must be {' × '.join(map(str, shape))}; "
                "are d_in and d_sae swapped?"
            )
    if sae.apply_b_dec_to_input and d_in != d_out:
        raise InputError(f"b_dec has {d_out} dimensions and cannot be subtracted from states of {d_in}")
    for name in _TENSORS:
        if (tensor := getattr(sae, name)) is not None and not bool(tensor.isfinite().all()):
            raise InputError(f"{name} holds NaN or infinity: the file is damaged, or its training diverged")


def _shape(tensor: Tensor) -> str:
    return " × ".join(str(size) for size in tensor.shape)


def _fingerprint(sae: SparseAutoencoder) -> str:
    tensors = [None if (tensor := getattr(sae, name)) is None else tensor.cpu().numpy() for name in _TENSORS]
    return content_key(sae.architecture, sae.k, sae.apply_b_dec_to_input, sae.normalization, sae.centered, *tensors)
