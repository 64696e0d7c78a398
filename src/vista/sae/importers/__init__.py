"""Codes, examples and activations that other tools have written, read without those tools.

- delphi's cache holds all codes of all tokens: `read_delphi` gives a whole store's worth.
- SAEDashboard and Neuronpedia hold some examples of each latent: `read_saedashboard` and `read_neuronpedia` give a record a
  latent, and `codes_of_examples` makes a store of what is known of their contexts.
- saev shards hold dense activations, no codes: `read_saev` gives them to encode with an SAE, or to pool into vectors.
"""

from vista.sae.importers.delphi import read_delphi
from vista.sae.importers.examples import Example, Explanation, LatentRecord, codes_of_examples
from vista.sae.importers.imported import ImportedCodes
from vista.sae.importers.neuronpedia import read_neuronpedia
from vista.sae.importers.saedashboard import read_saedashboard
from vista.sae.importers.saev import SaevActivations, read_saev

__all__ = [
    "Example",
    "Explanation",
    "ImportedCodes",
    "LatentRecord",
    "SaevActivations",
    "codes_of_examples",
    "read_delphi",
    "read_neuronpedia",
    "read_saedashboard",
    "read_saev",
]
