"""Fragments and overlays in, the contract out: read, settle, merge, repair, check, write.

Everything is checked before the first byte is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from akool_pipeline import checking
from akool_pipeline.building import arazzo, emit, fragments, namespace, overlay
from akool_pipeline.building.merge import Merged, merge
from akool_pipeline.building.validate import validate
from akool_pipeline.checking import settings
from akool_pipeline.documents.versions import lift
from akool_pipeline.errors import PipelineError, Problem
from akool_pipeline.page_list import read_list

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from akool_pipeline.building.fragments import Fragment
    from akool_pipeline.layout import Layout


HEADER: Final = """\
Built from openapi/fragments and openapi/overlays. Never edit: change those and run `make spec`."""


@dataclass(frozen=True, slots=True)
class Built:
    """The contract and how it came to be.

    Attributes:
        merged: The fragments merged, not yet repaired.
        repaired: The contract, and what each repair did.
        actions: The repairs of the whole that were applied.
        settled: What was done to single fragments before the merge, by fragment.
    """

    merged: Merged
    repaired: overlay.Overlaid
    actions: Sequence[overlay.Action]
    settled: Mapping[str, overlay.Overlaid]

    @property
    def data(self) -> dict[str, Any]:
        """The contract."""
        return self.repaired.data

    def action(self, pointer: str) -> tuple[overlay.Action, str] | None:
        """The overlay action that wrote what is at `pointer`, and where it stands in its overlay.

        None: a page did.
        """
        written = self.repaired.writer(pointer)
        if written is None:
            origin = self.merged.origin(pointer)
            known = self.settled.get(origin[0].name) if origin else None
            written = known.writer(origin[1]) if origin and known else None
        return None if written is None else (written.author, written.source)

    def locate(self, pointer: str) -> tuple[str | None, int | None]:
        """File and line that wrote what is at `pointer`: an overlay's, or else a fragment's."""
        known = self.action(pointer)
        if known is None:
            return self.merged.locate(pointer)
        action, source = known
        return action.overlay.locate(source)

    def problem(self, finding: checking.Finding) -> Problem:
        """A finding about the contract, with the lines that brought it about."""
        file, line = self.locate(finding.pointer)
        notes = [self._blame(finding.pointer)]
        for pointer in finding.because:
            cause, at = self.locate(pointer)
            if (cause, at) != (file, line) and cause:
                notes.append(f"against {cause}{f':{at}' if at else ''}{self._blame(pointer)}")
        message = "; ".join([finding.message + notes[0], *notes[1:]])
        return Problem(message, file or "the merged contract", line, finding.pointer)

    def _blame(self, pointer: str) -> str:
        known = self.action(pointer)
        if known is None:
            return ""
        action = known[0]
        return f" (overlay action on line {action.line}, target {action.target})"


def assemble(layout: Layout, *, by_namespace: bool = False) -> Built:
    """Read, settle, merge, repair and check; writes nothing.

    Args:
        layout: Where fragments and overlays lie; there need be no overlays.
        by_namespace: Whether to rename what products call alike instead of reporting it.

    Raises:
        PipelineError: What is wrong, with file, line and pointer.
    """
    actions = overlay.load_folder(layout.overlays)
    own = overlay.load_fragments(layout.fragment_overlays)
    found = fragments.load_folder(layout.fragments)
    try:
        return _assemble(layout, found, own, actions, by_namespace=by_namespace)
    except PipelineError as error:
        raise PipelineError.of(_where_to_settle(error.problems, layout)) from error


def _assemble(
    layout: Layout,
    found: Sequence[Fragment],
    own: Mapping[str, Sequence[overlay.Action]],
    actions: Sequence[overlay.Action],
    *,
    by_namespace: bool,
) -> Built:
    found, settled = _settle(found, own, layout)
    found, notes = namespace.respell(found)
    merged = merge(namespace.separate(found) if by_namespace else found, _first(layout))
    merged.record.notes += notes
    repaired = overlay.apply(merged.data, actions)
    if merged.is_mixed:  # overlays that were written for 3.0 mean the same in 3.1
        data = lift(repaired.data, repaired.data["openapi"], beside_references=False)
        repaired = replace(repaired, data=data)
    built = Built(merged, repaired, actions, settled)
    validate(built.data, "the merged contract", built.locate)
    problems = [built.problem(finding) for finding in checking.check(built.data)]
    problems += _stale_settings(built, layout, {fragment.name for fragment in found})
    if problems:
        raise PipelineError.of(problems)
    return built


def _stale_settings(built: Built, layout: Layout, names: set[str]) -> list[Problem]:
    """Entries of decisions.toml, pages.toml and provenance.json that name what is not there."""
    own = [effect[0] for done in built.settled.values() for effect in done.effects]
    known = {
        f"{Path(action.overlay.name).relative_to(layout.overlays).as_posix()} {action.target}"
        for action in [*built.actions, *own]
    }
    rules = {str(rule.get("id")) for rule in built.data.get("x-rules", ())}
    return [
        *settings.stale_decisions(layout.decisions, known, rules),
        *settings.stale_pages(layout.page_list, names),
        *settings.stale_provenance(layout.provenance, names),
    ]


def _settle(
    found: Sequence[Fragment], own: Mapping[str, Sequence[overlay.Action]], layout: Layout
) -> tuple[list[Fragment], dict[str, overlay.Overlaid]]:
    """The fragments with their own overlays applied, checked again."""
    known = {fragment.name: fragment for fragment in found}
    problems = [
        Problem(f"stale: there is no fragment {name!r}; delete the file", str(path))
        for name in own
        if name not in known
        for path in [layout.fragment_overlays / f"{name}.yaml"]
    ]
    settled: dict[str, overlay.Overlaid] = {}
    for name, fragment in known.items():
        try:
            if name in own:
                settled[name] = overlay.apply(fragment.data, own[name])
                source = replace(fragment.source, data=settled[name].data)
                known[name] = replace(fragment, source=source)
            fragments.check(known[name].source)
        except PipelineError as error:
            problems += error.problems
    if problems:
        raise PipelineError.of(problems)
    return list(known.values()), settled


def _where_to_settle(problems: Sequence[Problem], layout: Layout) -> list[Problem]:
    """The problems; those that a page brought about say which overlay can settle them."""
    return [
        replace(problem, message=f"{problem.message}; settle it in {place}")
        if problem.file and Path(problem.file).parent == layout.fragments
        else problem
        for problem in problems
        for place in [layout.fragment_overlays / f"{Path(problem.file or '').stem}.yaml"]
    ]


def _first(layout: Layout) -> list[str]:
    """The fragments whose words are taken first: pages in the order of pages.toml."""
    if not layout.page_list.is_file():
        return []
    return [page.fragment for page in read_list(layout.page_list).pages]


def files(built: Built, layout: Layout) -> dict[Path, str | bytes]:
    """What a build writes: the contract in both forms, and its workflows if it has any."""
    contents: dict[Path, str | bytes] = {
        layout.contract: emit.to_yaml(built.data, HEADER),
        layout.contract_json: emit.to_json(built.data),
    }
    workflows = arazzo.describe(built.data, f"./{layout.contract.name}")
    if workflows:
        contents[layout.arazzo] = emit.to_yaml(workflows, HEADER)
    return contents


def build(layout: Layout, *, by_namespace: bool = False) -> tuple[list[Path], Built]:
    """Write the contract and its workflows; returns changed files, and what was built."""
    built = assemble(layout, by_namespace=by_namespace)
    return emit.write_files(files(built, layout)), built
