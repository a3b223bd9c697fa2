"""JSON values: when two are the same, and where they are not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from akool_pipeline.documents.pointer import join

if TYPE_CHECKING:
    from collections.abc import Iterator


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


def differences(old: Any, new: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401 - JSON
    """The smallest parts that differ, with both values; None stands for absent."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            if key not in old or key not in new:
                yield join(place, key), old.get(key), new.get(key)
            else:
                yield from differences(old[key], new[key], join(place, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, pair in enumerate(zip(old, new, strict=True)):
            yield from differences(*pair, join(place, index))
    elif canonical(old) != canonical(new):
        yield place, old, new
