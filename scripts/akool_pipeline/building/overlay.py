"""Apply OpenAPI Overlay 1.0 documents, and insist that every action still does something.

oas-patch applies the actions. Around it we check what it keeps quiet about: an action whose target
matches nothing, and one that changes nothing because the vendor has made the repair since. Both
are stale and fail the build.

Every action states its reason in `description` and how we know in `x-evidence`; docs/contract.md
is written from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext.parser import parse as parse_jsonpath
from jsonpath_ng.jsonpath import Index
from oas_patch.overlay import apply_overlay

from akool_pipeline.documents import document
from akool_pipeline.documents.values import canonical, differences
from akool_pipeline.errors import PipelineError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# oas-patch 0.6.0 asks a matched array element for `index`, which jsonpath-ng 1.8 and newer call
# `indices`: without the old name no action can target an array element.
if not hasattr(Index, "index"):
    setattr(Index, "index", property(lambda self: self.indices[0]))  # noqa: B010 - mypy knows no such attribute

_ACTION_KEYS: Final = {"target", "description", "update", "remove"}


@dataclass(frozen=True, slots=True)
class Action:
    """One repair.

    Attributes:
        overlay: The overlay document it stands in.
        index: Its place in that document, from 0.
        data: The action as written.
    """

    overlay: document.Document
    index: int
    data: dict[str, Any]

    @property
    def target(self) -> str:
        """JSONPath of what it changes."""
        return str(self.data["target"])

    @property
    def pointer(self) -> str:
        """Where it stands in its overlay document."""
        return f"/actions/{self.index}"

    def problem(self, message: str) -> Problem:
        """A problem that points at this action."""
        return self.overlay.error(f"{message} (target {self.target})", self.pointer).problems[0]


def load_folder(folder: Path) -> list[Action]:
    """The actions of every overlay in `folder`, in name order; none if there is no such folder.

    Raises:
        PipelineError: An overlay is faulty; all faults at once.
    """
    actions: list[Action] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
        try:
            actions += read(document.read(path))
        except PipelineError as error:
            problems += error.problems
    if problems:
        raise PipelineError.of(problems)
    return actions


def read(overlay: document.Document) -> list[Action]:
    """The actions of one overlay document.

    Raises:
        PipelineError: It is not an Overlay 1.0 document, or an action lacks its reason or
            evidence.
    """
    data = overlay.data
    if not isinstance(data, dict) or not str(data.get("overlay", "")).startswith("1.0."):
        raise overlay.error("is not an OpenAPI Overlay 1.0 document: it must say `overlay: 1.0.0`")
    raw = data.get("actions")
    if not isinstance(raw, list) or not raw:
        raise overlay.error("holds no actions", "/actions")
    problems: list[Problem] = []
    for index, action in enumerate(raw):
        wrong = _wrong(action)
        if wrong:
            problems += overlay.error(wrong, f"/actions/{index}").problems
    if problems:
        raise PipelineError.of(problems)
    return [Action(overlay, index, action) for index, action in enumerate(raw)]


def _wrong(action: object) -> str | None:
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        return "an action needs a `target`"
    if ("update" in action) == (action.get("remove") is True):
        return "an action needs either `update` or `remove: true`"
    unknown = [k for k in action if k not in _ACTION_KEYS and not k.startswith("x-")]
    if unknown:
        return f"an action knows no `{unknown[0]}`"
    for key in ("description", "x-evidence"):
        if not isinstance(action.get(key), str) or not action[key].strip():
            return f"an action needs a `{key}`: why the repair is right, and how we know"
    return None


def apply(data: dict[str, Any], actions: Sequence[Action]) -> dict[str, Any]:
    """A copy of `data` with `actions` applied in order.

    Raises:
        PipelineError: Actions are stale or their targets are not JSONPath; all of them at once.
    """
    result: dict[str, Any] = _unshared(data)
    before = canonical(result)
    problems: list[Problem] = []
    for action in actions:
        try:
            # oas-patch puts one and the same object wherever the target matches: part them again.
            result = _unshared(apply_overlay(result, {"actions": [action.data]}))
        except (JSONPathError, AttributeError, TypeError, KeyError, ValueError) as error:
            problems.append(action.problem(f"cannot be applied: {error}"))
            continue
        after = canonical(result)
        if after == before:
            problems.append(action.problem(_stale(action, result)))
        before = after
    if problems:
        raise PipelineError.of(problems)
    return result


def effects(data: dict[str, Any], actions: Sequence[Action]) -> list[tuple[Action, frozenset[str]]]:
    """What each action changes, as pointers, when they are applied in order."""
    found: list[tuple[Action, frozenset[str]]] = []
    for action in actions:
        after = apply(data, [action])
        found.append((action, frozenset(place for place, *_ in differences(data, after))))
        data = after
    return found


def _unshared(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A copy in which no object stands in two places; `copy.deepcopy` would keep them together."""
    if isinstance(value, dict):
        return {key: _unshared(item) for key, item in value.items()}
    return [_unshared(item) for item in value] if isinstance(value, list) else value


def _stale(action: Action, data: dict[str, Any]) -> str:
    if not parse_jsonpath(action.target).find(data):
        return "stale: it matches nothing any more; adapt or delete the action"
    return "stale: it changes nothing, the page says so itself by now; delete the action"
