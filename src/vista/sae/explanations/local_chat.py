"""A model on this machine that is talked to: the one that `load_hooked_model` loads, run on to answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from vista.errors import InputError
from vista.representations.hooked_loading import load_hooked_model, model_name
from vista.representations.hooked_model import HookedModel
from vista.representations.model_files import require_packages
from vista.sae.explanations.chat import Conversation

_MOST_TOKENS = 60


class LocalChat:
    """A causal language model of the transformers library; it is loaded at the first question, and always says the likeliest.

    A model that was not taught to converse gets the parts of the conversation one after another.

    Args:
        place: `smollm2`, a folder, a GGUF file or a hub id.
        device: "cpu", "cuda", "mps", or None for the best available.
        most_tokens: Longest answer.

    Raises:
        MissingExtraError: If a package is missing.
    """

    def __init__(self, place: str, *, device: str | None = None, most_tokens: int = _MOST_TOKENS) -> None:
        require_packages("lm", ("torch", "transformers"))
        self._place, self._device, self._most_tokens = place, device, most_tokens

    @property
    def name(self) -> str:
        """The model's name."""
        return model_name(self._place)

    def answers(self, conversations: Sequence[Conversation]) -> Iterator[str]:
        """Yield the answer to each conversation, in order.

        Raises:
            InputError: If there is no such model, it does not speak, or a conversation is too long for it.
            InputFileError: If its files cannot be read or fetched.
        """
        for conversation in conversations:
            yield self._answer(conversation)

    def _answer(self, conversation: Conversation) -> str:
        import torch

        hooked = self._loaded
        inputs = {name: torch.tensor([ids], device=hooked.device) for name, ids in _tokens(hooked, conversation).items()}
        n_tokens = inputs["input_ids"].shape[1]
        if n_tokens + self._most_tokens > hooked.max_tokens:
            raise InputError(
                f"{hooked.name} reads and writes {hooked.max_tokens} tokens, and a question has {n_tokens}, beside {self._most_tokens} for "
                "the answer; show it fewer texts, or take another model"
            )
        with torch.inference_mode():
            said = hooked.model.generate(**inputs, max_new_tokens=self._most_tokens, do_sample=False, use_cache=True)
        return str(hooked.tokenizer.decode(said[0, n_tokens:], skip_special_tokens=True))

    @cached_property
    def _loaded(self) -> HookedModel:
        hooked = load_hooked_model(self._place, device=self._device)
        if hooked.tokenizer is None or not hooked.is_causal or not hasattr(hooked.model, "generate") or not hooked.model.can_generate():
            raise InputError(f"{hooked.name} does not speak: it is no causal language model with its head")
        return hooked


def _tokens(hooked: HookedModel, conversation: Conversation) -> dict[str, list[int]]:
    if hooked.tokenizer.chat_template:
        messages = [{"role": role, "content": content} for role, content in conversation]
        whole = hooked.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        tokens = hooked.tokenizer(whole, add_special_tokens=False)
    else:
        tokens = hooked.tokenizer("\n\n".join(content for _, content in conversation))
    return {"input_ids": tokens["input_ids"], "attention_mask": tokens["attention_mask"]}
