"""JSON values: when two are the same."""

from __future__ import annotations

import json
from typing import Any


def canonical(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A text that is equal exactly when two values are the same JSON.

    Neither the order of keys nor how a number is written matters: 5 and 5.0 are one number.
    """
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
