"""The formats in which sparse autoencoders are stored; each module reads one, found by the name of its weights' file."""

from vista.sae.formats.known import Known
from vista.sae.formats.reading import FORMATS, Format, read_folder
from vista.sae.formats.saelens_writing import write_saelens

__all__ = ["FORMATS", "Format", "Known", "read_folder", "write_saelens"]
