import os
import subprocess
import sys

WHOLE_PATH = """
import hashlib
import numpy as np
from vista.artifacts import Representation
from vista.layout import lay_out, pca_start
from vista.neighbors import find_neighbors
from vista.trust import measure_fidelity, measure_trust

vectors = np.random.default_rng(0).normal(size=(300, 20)).astype(np.float32)
given = Representation(vectors, "given", "none")
graph = find_neighbors(given, n_neighbors=40)
layout = lay_out(graph, start=pca_start(given))
fidelity, trust = measure_fidelity(given, layout, exact=False, n_queries=100), measure_trust(graph, layout)
arrays = [graph.indices, graph.distances, layout.coordinates, fidelity.gain_ci, fidelity.curve_rnx, fidelity.trustworthiness]
arrays += [fidelity.null.gain_mean, fidelity.null.gain_high, trust.false_neighbors, trust.missing_neighbors]
print(hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest())
"""


def digest(n_threads):
    environment = os.environ | {"NUMBA_NUM_THREADS": str(n_threads)}
    return subprocess.run([sys.executable, "-c", WHOLE_PATH], env=environment, capture_output=True, text=True, check=True).stdout


def test_the_number_of_threads_shows_in_no_byte_from_vectors_to_trust():
    assert digest(1) == digest(2) == digest(3)
