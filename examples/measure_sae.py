"""Measure a sparse autoencoder on documents that it was not trained on.

    python examples/measure_sae.py FOLDER SAE       FOLDER as examples/token_states.py leaves it, SAE with cfg.json and weights

Prints JSON: the fraction of variance unexplained, the mean number of active latents a token (L0), the share of latents that are never
active (dead) or active at more than a tenth of the tokens (dense), and how much of the next-token loss that is lost when the layer's
states are zeroed their reconstructions save: (loss zeroed − loss reconstructed) / (loss zeroed − loss untouched).
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import torch
from safetensors.torch import load_file
from token_states import HELD_OUT_CHUNKS, LAYER, batches_of, language_model, read_tokens, split_rows
from train_sae import statistics

BLOCK = 4_096


def encode(weights, states):
    """Return the codes of states, (n, d_sae): what passes its latent's threshold."""
    pre = torch.addmm(weights["b_enc"], states, weights["W_enc"])
    return pre * (pre > weights["threshold"])


def decode(weights, codes):
    """Return the states that codes stand for, (n, d_in)."""
    return torch.addmm(weights["b_dec"], codes, weights["W_dec"])


def measure_reconstruction(folder, weights):
    """Return FVU, L0 and the shares of dead and dense latents on the held-out rows, sinks left out, and the FVU by source."""
    states = np.load(folder / "states.npy", mmap_mode="r")
    _, rows = split_rows(folder)
    _, _, sink_norm = statistics(states, rows)
    file = np.load(folder / "tokens.npz")
    document_sources = np.array(pq.read_table(folder / "documents.parquet", columns=["source"])["source"].to_pylist())
    sources = document_sources[np.repeat(file["documents"], file["lengths"])[rows]]
    kept = np.concatenate(
        [np.linalg.norm(states[rows[i : i + BLOCK]].astype(np.float32), axis=1) <= sink_norm for i in range(0, len(rows), BLOCK)]
    )
    rows, sources, n_sinks = rows[kept], sources[kept], int((~kept).sum())
    mean = torch.from_numpy(states[rows].astype(np.float32).mean(axis=0))
    errors, variances, active, fired = [], [], 0, torch.zeros(len(weights["b_enc"]), dtype=torch.int64)
    for first in range(0, len(rows), BLOCK):
        x = torch.from_numpy(states[rows[first : first + BLOCK]].astype(np.float32))
        codes = encode(weights, x)
        errors.append((x - decode(weights, codes)).square().sum(1))
        variances.append((x - mean).square().sum(1))
        active += int((codes > 0).sum())
        fired += (codes > 0).sum(0)
    error, variance = torch.cat(errors).numpy(), torch.cat(variances).numpy()
    by_source = {str(name): round(float(error[sources == name].sum() / variance[sources == name].sum()), 4) for name in np.unique(sources)}
    return {
        "held_out_tokens": len(rows),
        "sinks_left_out": n_sinks,
        "fvu": round(float(error.sum() / variance.sum()), 4),
        "l0": round(active / len(rows), 2),
        "dead_share": round(float((fired == 0).float().mean()), 4),
        "dense_share": round(float((fired > len(rows) / 10).float().mean()), 4),
        "fvu_by_source": by_source,
    }


def measure_loss(folder, weights, n_tokens, model_folder=None):
    """Return the mean next-token loss with the layer's states untouched, reconstructed and zeroed; the first position and sinks stay."""
    flat, starts, lengths, _, chunks = read_tokens(folder)
    _, _, sink_norm = statistics(np.load(folder / "states.npy", mmap_mode="r"), split_rows(folder)[1])
    windows = np.random.default_rng(0).permutation(np.flatnonzero(chunks < HELD_OUT_CHUNKS))
    windows = windows[: int(np.searchsorted(np.cumsum(lengths[windows]), n_tokens)) + 1]
    _, model = language_model(model_folder)
    change = {
        "untouched": lambda states: states,
        "reconstructed": lambda states: decode(weights, encode(weights, states)),
        "zeroed": torch.zeros_like,
    }
    sums, count = dict.fromkeys(change, 0.0), 0
    for batch, ids in batches_of(windows, starts, lengths, flat):
        inside = torch.arange(ids.shape[1])[None] <= torch.from_numpy(lengths[batch].astype(np.int64))[:, None]
        for name, changed in change.items():

            def splice(module, arguments, output, changed=changed, inside=inside):
                hidden = output[0] if isinstance(output, tuple) else output
                spliced = inside & (hidden.norm(dim=2) <= sink_norm)
                spliced[:, 0] = False
                hidden[spliced] = changed(hidden[spliced])
                return output

            hook = model.model.layers[LAYER].register_forward_hook(splice)
            logits = model(input_ids=ids, use_cache=False).logits[:, :-1]
            hook.remove()
            sums[name] += float(torch.nn.functional.cross_entropy(logits[inside[:, 1:]], ids[:, 1:][inside[:, 1:]], reduction="sum"))
        count += int(lengths[batch].sum())
    losses = {name: total / count for name, total in sums.items()}
    saved = (losses["zeroed"] - losses["reconstructed"]) / (losses["zeroed"] - losses["untouched"])
    return {"loss_tokens": count} | {f"loss_{name}": round(loss, 4) for name, loss in losses.items()} | {"loss_recovered": round(saved, 4)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("sae", type=Path)
    parser.add_argument("--loss-tokens", type=int, default=40_000, help="0 leaves the loss out")
    parser.add_argument("--model", type=Path, help="folder of the model, as given to token_states.py")
    given = parser.parse_args()
    weights = {name: tensor.float() for name, tensor in load_file(given.sae / "sae_weights.safetensors").items()}
    with torch.inference_mode():
        measured = measure_reconstruction(given.folder, weights)
        if given.loss_tokens:
            measured |= measure_loss(given.folder, weights, given.loss_tokens, given.model)
        print(json.dumps(measured, indent=2))
