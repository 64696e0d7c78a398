"""How well labels say what latents do, and what they miss; `docs/scores.md` defines every figure."""

from vista.sae.scores.judges import ChatJudge, EmbeddingJudge, Judge
from vista.sae.scores.score import LatentScores, MissedRegion, Score
from vista.sae.scores.scoring import score_latents
from vista.sae.scores.subjects import check_untrained

__all__ = ["ChatJudge", "EmbeddingJudge", "Judge", "LatentScores", "MissedRegion", "Score", "check_untrained", "score_latents"]
