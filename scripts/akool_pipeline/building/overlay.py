"""Apply OpenAPI Overlay 1.0 documents, and insist that every action still does something.

An action whose target matches nothing, and one that changes nothing because the vendor has made
the repair since, are stale and fail the build. So does one whose wildcard reaches an operation
that no later action names: it would silently change a page that is imported tomorrow.

Every action states its reason in `description` and how we know in `x-evidence`; docs/contract.md
is written from them. In that we ask more than the specification does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.building import wildcards
from akool_pipeline.building.patch import Patch, PatchError, Written, nearest, select, similar
from akool_pipeline.documents import document
from akool_pipeline.documents.pointer import join
from akool_pipeline.documents.values import canonical
from akool_pipeline.errors import PipelineError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_DOCUMENT_KEYS: Final = {"overlay", "info", "extends", "actions"}
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

    @property
    def line(self) -> int | None:
        """Line in its overlay that it begins on."""
        return self.overlay.line(self.pointer)

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


def load_fragments(folder: Path) -> dict[str, list[Action]]:
    """The actions for single fragments, by fragment: `<fragment>.yaml` is for that one.

    Raises:
        PipelineError: An overlay is faulty; all faults at once.
    """
    actions: dict[str, list[Action]] = {}
    for action in load_folder(folder):
        actions.setdefault(PurePath(action.overlay.name).stem, []).append(action)
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
    problems = [
        problem
        for pointer, wrong in _wrong_document(data)
        for problem in overlay.error(wrong, pointer).problems
    ]
    raw = data.get("actions")
    if not isinstance(raw, list) or not raw:
        problems += overlay.error("holds no actions", "/actions").problems
        raise PipelineError.of(problems)
    seen: set[str] = set()
    for index, action in enumerate(raw):
        wrong = _wrong(action)
        if wrong is None and canonical(action) in seen:
            wrong = "the same action is already above"
        if wrong:
            problems += overlay.error(wrong, f"/actions/{index}").problems
        seen.add(canonical(action))
    if problems:
        raise PipelineError.of(problems)
    return [Action(overlay, index, action) for index, action in enumerate(raw)]


def _wrong_document(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key in data:
        if key not in _DOCUMENT_KEYS and not key.startswith("x-"):
            yield join("", key), f"an overlay knows no `{key}`"
    info = data.get("info")
    for key in ("title", "version"):
        if not isinstance(info, dict) or not isinstance(info.get(key), str):
            yield "/info", f"an overlay needs an `info` with a `{key}`, a string"
    if not isinstance(data.get("extends", ""), str):
        yield "/extends", "`extends` must be the address of a document"


def _wrong(action: object) -> str | None:
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        return "an action needs a `target`"
    if not isinstance(action.get("remove", False), bool):
        return "`remove` must be true or false"
    if ("update" in action) == (action.get("remove") is True):
        return "an action needs either `update` or `remove: true`"
    unknown = [k for k in action if k not in _ACTION_KEYS and not k.startswith("x-")]
    if unknown:
        return f"an action knows no `{unknown[0]}`"
    for key in ("description", "x-evidence"):
        if not isinstance(action.get(key), str) or not action[key].strip():
            return f"an action needs a `{key}`: why the repair is right, and how we know"
    return None


@dataclass(frozen=True, slots=True)
class Overlaid:
    """A document with actions applied, and what each of them did.

    Attributes:
        data: The document.
        effects: Each action with the pointers of what it changed, in order.
        written: For the pointer of each value that an action wrote, that action and where in its
            overlay the value stands.
        removed: For the pointer of each thing that was removed, the action that did it.
    """

    data: dict[str, Any]
    effects: list[tuple[Action, frozenset[str]]] = field(default_factory=list)
    written: dict[str, Written[Action]] = field(default_factory=dict)
    removed: dict[str, Action] = field(default_factory=dict)

    def writer(self, pointer: str) -> Written[Action] | None:
        """Who wrote the value at `pointer`, and its place in that overlay; None: no action did."""
        known = nearest(self.written, pointer)
        if known is None:
            return None
        written = self.written[known]
        return Written(written.author, written.source + pointer[len(known) :])


def apply(data: dict[str, Any], actions: Sequence[Action]) -> Overlaid:
    """A copy of `data` with `actions` applied in order.

    Raises:
        PipelineError: Actions are stale, their targets are not JSONPath, or their wildcards reach
            operations that no later action names; all of them at once.
    """
    patch: Patch[Action] = Patch(data)
    problems: list[Problem] = []
    effects: list[tuple[Action, frozenset[str]]] = []
    reached: dict[wildcards.Operation, Action] = {}
    targets = "\n".join(action.target for action in actions)
    for action in actions:
        try:
            named, wild = _scope(patch.data, action)
            changed = _apply_one(patch, action)
        except PatchError as error:
            problems.append(action.problem(f"cannot be applied: its target {error}"))
            continue
        if not changed:
            problems.append(action.problem(_stale(action, patch.data, targets)))
        effects.append((action, frozenset(changed)))
        for operation in named:
            reached.pop(operation, None)
        reached |= dict.fromkeys(wild, action)
    problems += _unnamed(patch.data, reached)
    if problems:
        raise PipelineError.of(problems)
    return Overlaid(patch.data, effects, patch.writers(), patch.removals)


def _scope(
    data: dict[str, Any], action: Action
) -> tuple[set[wildcards.Operation], set[wildcards.Operation]]:
    update = None if action.data.get("remove") else action.data["update"]
    return wildcards.touched(data, action.target, select(data, action.target), update)


def _apply_one(patch: Patch[Action], action: Action) -> set[str]:
    nodes = select(patch.data, action.target)
    if action.data.get("remove"):
        return patch.remove(nodes, action)
    return patch.update(nodes, action.data["update"], action, f"{action.pointer}/update")


def _unnamed(data: dict[str, Any], reached: dict[wildcards.Operation, Action]) -> list[Problem]:
    """One problem for each action whose wildcard reached what no later action named."""
    by_action: dict[tuple[str, int], tuple[Action, list[str]]] = {}
    for operation, action in sorted(reached.items()):
        if wildcards.exists(data, operation):
            key = (action.overlay.name, action.index)
            by_action.setdefault(key, (action, []))[1].append(wildcards.text(operation))
    return [
        action.problem(
            f"its wildcard reaches {', '.join(names)}, which no later action names: "
            "name each operation that the action is for"
        )
        for _, (action, names) in sorted(by_action.items())
    ]


def _stale(action: Action, data: dict[str, Any], targets: str) -> str:
    if not select(data, action.target):
        like = similar(data, action.target, targets)
        hint = f" (#{like[0]} has no {like[1]!r}, but {like[2]!r})" if like else ""
        return f"stale: it matches nothing any more{hint}; adapt or delete the action"
    return "stale: it changes nothing, the page says so itself by now; delete the action"
