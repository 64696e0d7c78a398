"""What latents mean, in words: explanations that others made, keywords always, sentences by a model where one is named."""

from vista.sae.explanations.chat import Chat, Logged, RemoteChat, chat_for
from vista.sae.explanations.documents import DocumentSplit, split_documents
from vista.sae.explanations.explaining import explain, explain_regions
from vista.sae.explanations.explanation import Explanation
from vista.sae.explanations.keywords import keywords_of
from vista.sae.explanations.reading import read_explanations

__all__ = [
    "Chat",
    "DocumentSplit",
    "Explanation",
    "Logged",
    "RemoteChat",
    "chat_for",
    "explain",
    "explain_regions",
    "keywords_of",
    "read_explanations",
    "split_documents",
]
