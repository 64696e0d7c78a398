"""What the hub's client raises, told in one line: a licence to accept, a name that the hub does not have, or no network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from vista.errors import InputFileError, reason_of


@contextmanager
def hub_errors(repo: str, *, missing: str, unreachable: str) -> Iterator[None]:
    """Turn what the hub's client raises into one line.

    Args:
        repo: Hub id of the repository that is asked for.
        missing: What to say where the hub has no such repository, or hides it.
        unreachable: What to say where the hub does not answer as it should; the client's reason is put behind it.

    Raises:
        InputFileError: If the body raises anything.
    """
    from huggingface_hub.errors import (
        GatedRepoError,
        HFValidationError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
    )

    try:
        yield
    except GatedRepoError as error:
        raise InputFileError(
            f"'{repo}' wants its licence accepted: do so on its page on the hub, then log in with `hf auth login` or set HF_TOKEN"
        ) from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise InputFileError(missing) from error
    except Exception as error:  # the client raises its own, httpx's and the system's errors
        # What is not in the cache tells of the cache, and its cause of the network.
        cause = error.__cause__ if isinstance(error, LocalEntryNotFoundError) and isinstance(error.__cause__, Exception) else error
        reason = "HF_HUB_OFFLINE is set" if isinstance(cause, OfflineModeIsEnabled) else reason_of(cause)
        raise InputFileError(f"{unreachable} ({reason})") from error
