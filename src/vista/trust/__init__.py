"""How far a map can be believed: as a whole, against chance, and around every single item."""

from vista.trust.autocorrelation import morans_i
from vista.trust.fidelity import measure_fidelity
from vista.trust.local import WIDE, measure_trust

__all__ = ["WIDE", "measure_fidelity", "measure_trust", "morans_i"]
