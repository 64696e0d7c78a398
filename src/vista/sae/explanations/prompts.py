"""What an explainer is shown: texts with the tokens marked on which a latent fires, as delphi marks them: <<so>>."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vista.sae.body import LatentBody, Span
from vista.sae.explanations.chat import Conversation

MARKED_FROM = 0.3  # of the largest activation in the body: weaker tokens are not marked, as in delphi
_SHOWN_CHARACTERS = 400
_ANSWER_CHARACTERS = 300

_TASK = (
    "You study what makes one unit of a neural network fire. You are shown texts in which it fires; the words on which it fires "
    "strongly are marked <<like this>>. Say what the marked words and their texts have in common. Be as specific as the texts allow, "
    "cover all of them and not only the first ones, and speak of the meaning, not of the unit or the marks. Answer with one phrase of "
    "at most 15 words and nothing else."
)
_REGION_TASK = (
    " All the texts belong to one group. Other texts in which the same unit fires follow under OTHER TEXTS: say what sets the group "
    "apart from them."
)
_THOUGHTS = re.compile(r"<think>.*?(</think>|$)", re.DOTALL)
_PREFACE = re.compile(r"^[\W_]*(?:explanation|answer)[\W_]*:[\W_]*", re.IGNORECASE)
_NUMBERED = re.compile(r"^\s*\d+[.)]\s+")
_MARKS = re.compile(r"<<|>>")
_QUOTES = " \t\"'`*“”‘’"


def ask_to_explain(body: LatentBody, chosen: Sequence[int], others: Sequence[int] = ()) -> Conversation:
    """Return the prompt for some items of a latent.

    Args:
        body: Holds the items.
        chosen: Places of the items to explain.
        others: Places of other items of the same latent, from which the first should be told apart.
    """
    largest = float(body.values.max(initial=0.0))
    said = f"TEXTS\n{_listed(body, chosen, largest)}"
    if not others:
        return (("system", _TASK), ("user", said))
    return (("system", _TASK + _REGION_TASK), ("user", f"{said}\n\nOTHER TEXTS\n{_listed(body, others, largest)}"))


def marked(text: str, spans: Sequence[Span], from_value: float) -> str:
    """Return a text with the tokens marked that fire at `from_value` or more; neighbors share one mark.

    A long text is cut to what surrounds its strongest token.
    """
    strong = sorted((start, end) for start, end, value in spans if value >= from_value and end > start)
    joined: list[list[int]] = []
    for start, end in strong:
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(end, joined[-1][1])
        else:
            joined.append([start, end])
    first, last = _cut(text, max(spans, key=lambda span: span[2])[0] if spans else 0)
    pieces, at = ["…" if first else ""], first
    for start, end in joined:
        start, end = max(start, first), min(end, last)
        if start < end:
            blank = len(text[start:end]) - len(text[start:end].lstrip())  # a token's space stays outside its mark
            pieces += [text[at : start + blank], "<<", text[start + blank : end], ">>"]
            at = end
    return " ".join("".join([*pieces, text[at:last], "…" if last < len(text) else ""]).split())


def phrase_in(answer: str) -> str:
    """Return the explanation in an answer, without thoughts, prefaces, numbers, marks and quotes; "" where there is none."""
    lines = [line for line in _THOUGHTS.sub("", answer).splitlines() if line.strip(_QUOTES)]
    phrase = _PREFACE.sub("", lines[0]) if lines else ""
    if len(lines) > 1 and not phrase.strip(_QUOTES):
        phrase = lines[1]
    bare = _MARKS.sub("", _NUMBERED.sub("", phrase))
    return " ".join(bare.strip(_QUOTES).split())[:_ANSWER_CHARACTERS]


def _listed(body: LatentBody, chosen: Sequence[int], largest: float) -> str:
    return "\n".join(f"{number}. {_shown(body, place, largest)}" for number, place in enumerate(chosen, start=1))


def _shown(body: LatentBody, place: int, largest: float) -> str:
    """Return an item's text with its marks; the token of an item that fires weakly throughout is marked all the same."""
    spans = body.spans[place]
    strongest = max((value for _, _, value in spans), default=float("inf"))
    return marked(body.texts[place], spans, min(MARKED_FROM * largest, strongest))


def _cut(text: str, middle: int) -> tuple[int, int]:
    if len(text) <= _SHOWN_CHARACTERS:
        return 0, len(text)
    first = min(max(middle - _SHOWN_CHARACTERS // 2, 0), len(text) - _SHOWN_CHARACTERS)
    return first, first + _SHOWN_CHARACTERS
