"""The server on this machine: an atlas, the viewer, Range requests, and nothing else."""

from vista.server.app import make_app
from vista.server.serving import DEFAULT_PORT, serve

__all__ = ["DEFAULT_PORT", "make_app", "serve"]
