"""What is logged: one line per attempt, through stdlib `logging`, without secrets.

Logger `akool_faceswap`: DEBUG for attempts that went well, INFO for those that are repeated,
WARNING for what a person should know. Set `AKOOL_LOG=debug` (or `info`) to see them on stderr
without touching the code.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akool_faceswap._core.call import Attempt


logger = logging.getLogger("akool_faceswap")
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}


def configure(environ: Mapping[str, str]) -> None:
    """Apply `AKOOL_LOG`: once, and not if the application has installed a handler."""
    level = _LEVELS.get(environ.get("AKOOL_LOG", "").strip().lower())
    if level is None or logger.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(level)


def observer(hook: Callable[[Attempt], None] | None) -> Callable[[Attempt], None]:
    """What to call after every attempt: the log, then the user's hook."""

    def observe(attempt: Attempt) -> None:
        if attempt.error is not None or logger.isEnabledFor(logging.DEBUG):
            _log(attempt)
        if hook is None:
            return
        try:
            hook(attempt)
        except Exception:
            # A submit may just have been paid for: its job must reach the caller.
            logger.exception("The on_attempt hook raised; the call goes on")

    return observe


def _log(attempt: Attempt) -> None:
    logger.log(
        logging.DEBUG if attempt.error is None else logging.INFO,
        "%s #%d %s %s: %s in %.3f s%s",
        attempt.operation,
        attempt.number,
        attempt.method,
        attempt.path,
        f"HTTP {attempt.status}" if attempt.error is None else str(attempt.error),
        attempt.elapsed,
        "" if attempt.pause is None else f"; again in {attempt.pause:.1f} s",
    )
