"""Read YAML or JSON that may be hostile: safe types, bounded size, a line for every place.

Differs from `yaml.safe_load` where that would hide a fault or change a value: a duplicate key is
an error, aliases count at their expanded size, and scalars follow YAML 1.2's core schema (`12:30`
and `on` stay strings, dates too). Merge keys (`<<: *name`) are followed all the same: YAML 1.2 has
none, but docs platforms read pages with them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

import yaml

from akool_pipeline.documents.pointer import join, split
from akool_pipeline.errors import PipelineError

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 5_000_000
"""Largest document that is read. The largest published block is 8 kB."""
MAX_NODES: Final = 200_000
"""Most values a document may hold once its aliases are expanded."""
MAX_DEPTH: Final = 100
"""Deepest nesting that is followed."""

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc] # chosen at run time: libyaml's where it is installed
    """libyaml's parser with YAML 1.2's core schema instead of YAML 1.1's."""

    # Empty: add_implicit_resolver below fills it for this class alone.
    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}


_CORE: Final = {
    "null": r"~|null|Null|NULL|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    "float": (
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    ),
}
"""YAML 1.2's core schema (section 10.3.2): the plain scalars that are not strings, in its order."""
_TAG: Final = "tag:yaml.org,2002:"
_VERSION: Final = "/info/version"
"""Place of a text that authors forget to quote: `1.10` is not the number 1.1."""
for _name, _pattern in _CORE.items():
    # None: whatever the first character is.
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(f"^(?:{_pattern})$"), None)


@dataclass(slots=True)
class Document:
    """A parsed document and where its parts stand.

    Attributes:
        name: File name for messages.
        data: The document: dicts with string keys, lists and scalars.
        lines: Line (from 1) of each JSON pointer.
    """

    name: str
    data: Any
    lines: dict[str, int] = field(default_factory=dict)

    def line(self, pointer: str) -> int | None:
        """Line of `pointer`, or of its nearest known ancestor."""
        while pointer and pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer)

    def locate(self, pointer: str) -> tuple[str, int | None]:
        """File name and line of `pointer`."""
        return self.name, self.line(pointer)

    def error(self, message: str, pointer: str = "") -> PipelineError:
        """An error that points into this document."""
        return PipelineError(message, file=self.name, line=self.line(pointer), pointer=pointer)


def read(path: Path, name: str | None = None) -> Document:
    """Parse the file at `path`.

    Raises:
        PipelineError: It cannot be read, is too large, or is not a safe YAML document.
    """
    name = name or str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise PipelineError(f"cannot be read: {error.strerror}", file=name) from error
    return parse(raw, name)


def parse(raw: bytes, name: str) -> Document:
    """Parse `raw`, which came from `name`; see `read`."""
    if len(raw) > MAX_BYTES:
        raise PipelineError(f"is larger than {MAX_BYTES} bytes: not a docs fragment", file=name)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise PipelineError("is not UTF-8: save it as UTF-8", file=name, line=line) from error
    _refuse_depth(text, name)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        builder = _Builder(name)
        data = None if node is None else builder.build(node, "", ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = None if mark is None else mark.line + 1
        raise PipelineError(_explain(error, text, at), file=name, line=at) from error
    except (yaml.YAMLError, ValueError) as error:
        raise PipelineError(f"is not YAML: {error}", file=name) from error
    finally:
        loader.dispose()
    return Document(name, data, builder.lines)


def _refuse_depth(text: str, name: str) -> None:
    """Refuse deep nesting before libyaml's composer recurses into it and overflows the stack."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > MAX_DEPTH:
                at = event.start_mark.line + 1 if event.start_mark else None
                raise PipelineError(f"is nested more than {MAX_DEPTH} deep", file=name, line=at)
    except yaml.YAMLError:
        return  # the composer meets the same fault and says where it is


def _explain(error: yaml.MarkedYAMLError, text: str, line: int | None) -> str:
    lines = text.splitlines()
    if line is not None and line <= len(lines) and "\t" in lines[line - 1]:
        return "is not YAML: the line holds a tab, indent with spaces"
    return f"is not YAML: {error.problem or error.context}"


_TAGS: Final = tuple(
    (kind, frozenset(_TAG + name for name in names))
    for kind, names in (
        (yaml.ScalarNode, ("str", *_CORE)),
        (yaml.SequenceNode, ("seq",)),
        (yaml.MappingNode, ("map",)),
    )
)
"""What each kind of node may be: JSON's types and nothing else."""


class _Builder:
    """Turns PyYAML's node graph into plain values, counting as it goes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[str, int] = {}
        self.count = 0

    def fail(self, message: str, node: yaml.Node, pointer: str) -> PipelineError:
        line = node.start_mark.line + 1
        return PipelineError(message, file=self.name, line=line, pointer=pointer)

    def build(self, node: yaml.Node, pointer: str, above: tuple[int, ...]) -> Any:  # noqa: ANN401 - any YAML value
        self.count += 1
        if self.count > MAX_NODES:
            raise self.fail(
                f"expands to more than {MAX_NODES} values: write its aliases out", node, pointer
            )
        if id(node) in above:
            raise self.fail("an alias refers to a part that contains it", node, pointer)
        self.lines.setdefault(pointer, node.start_mark.line + 1)
        above = (*above, id(node))
        if len(above) > MAX_DEPTH:  # aliases nest what the text does not
            raise self.fail(f"is nested more than {MAX_DEPTH} deep", node, pointer)
        if node.tag not in next(tags for kind, tags in _TAGS if isinstance(node, kind)):
            raise self.fail(f"the tag {node.tag} is not allowed", node, pointer)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, pointer, above)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(v, f"{pointer}/{i}", above) for i, v in enumerate(node.value)]
        return self._scalar(node, pointer)

    def _scalar(self, node: yaml.Node, pointer: str) -> str | float | bool | None:
        text, kind = str(node.value), node.tag.removeprefix(_TAG)
        # `version: 1.0` without quotes is as common as `200:`.
        if kind == "str" or (pointer == _VERSION and kind != "null"):
            return text
        if not re.fullmatch(_CORE[kind], text):  # the tag was written, as in `!!int x`
            raise self.fail(f"is tagged {kind} and is none: {text!r}", node, pointer)
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        try:
            if kind == "int":
                return _integer(text)
        except ValueError as error:
            raise self.fail(f"is too long a number: {error}", node, pointer) from error
        value = math.inf if text.lower().endswith(("inf", "nan")) else float(text)
        if not math.isfinite(value):
            raise self.fail(f"JSON does not have the number {text}: write another", node, pointer)
        return value

    def _mapping(
        self, node: yaml.MappingNode, pointer: str, above: tuple[int, ...]
    ) -> dict[str, Any]:
        result: dict[str, Any] = {}
        merged: list[yaml.MappingNode] = []
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self.fail("a key must be a plain string", key_node, pointer)
            if key_node.tag == _TAG + "merge" or (key_node.value == "<<" and not key_node.style):
                merged += self._merged(value_node, pointer)
                continue
            # `200:` without quotes is a common slip that OpenAPI forgives: keys are strings.
            key = str(key_node.value)
            here = join(pointer, key)
            if key in result:
                first = self.lines[here]
                raise self.fail(
                    f"the key '{key}' was given before, on line {first}", key_node, here
                )
            self.lines[here] = key_node.start_mark.line + 1
            result[key] = self.build(value_node, here, above)
        for other in merged:
            written = set(result)
            # In lines of its own: what is written here wins, with its line.
            lines, self.lines = self.lines, {}
            found = self.build(other, pointer, above)
            depth = pointer.count("/")
            lines |= {
                place: line
                for place, line in self.lines.items()
                if place != pointer and split(place)[depth] not in written
            }
            self.lines = lines
            result |= {key: value for key, value in found.items() if key not in result}
        return result

    def _merged(self, node: yaml.Node, pointer: str) -> list[yaml.MappingNode]:
        """What a merge key brings: one object, or several of which the first ones win."""
        found = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for one in found:
            if not isinstance(one, yaml.MappingNode):
                raise self.fail("a merge key (`<<`) takes objects alone", one, pointer)
        return [one for one in found if isinstance(one, yaml.MappingNode)]


def _integer(text: str) -> int:
    """A number in YAML 1.2's notation: `007` is seven, `0o17` fifteen."""
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    return int(text if base == 10 else text[2:], base)  # noqa: PLR2004 - ten, as people count
