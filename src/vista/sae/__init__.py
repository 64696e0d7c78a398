"""Sparse autoencoders: reading them, encoding with them, and what their latents do on the user's data."""
