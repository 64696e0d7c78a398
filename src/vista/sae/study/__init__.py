"""The study of an autoencoder's latents: which to look at, a map for each, a map of them all."""
