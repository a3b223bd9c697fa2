"""What the generator makes of a contract, and what it leaves out of it.

The generator warns of an operation that it cannot express and goes on without it, or without an
answer or a body of it. Here an operation comes whole or is left out by name.
"""

from __future__ import annotations

import copy
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.properties import Class

from akool_pipeline.building.fragments import operations
from akool_pipeline.documents import pointer
from akool_pipeline.errors import PipelineError, Problem
from akool_pipeline.generating import names, prepare

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from openapi_python_client.config import Config
    from openapi_python_client.parser.openapi import Endpoint

    from akool_pipeline.documents.document import Document

Place = tuple[str, str]
"""Path and method of an operation."""
_OBJECT: Final = re.compile(r"\s*<[\w.]+ object at 0x[0-9a-fA-F]+>")
_MIXED: Final = re.compile(r"Got \{<class [^{}]*\}")
_COMPONENT: Final = re.compile(
    r"Unable to (?:process|parse) (?:schema|parameter) /components/[a-z]+/(?P<name>[^:\s]+):?"
)
_TAKEN_AWAY: Final = "Failure to process schema has resulted in the removal of:"
"""What the generator says before the places of what it took away with a schema."""
_MODEL_IMPORT: Final = re.compile(r"^from \.+models\.(\w+) import ")
_NO_HEADER: Final = re.compile(r"Unable to parse this part of your OpenAPI document: (?:: )?")
"""What the generator says of a part before the words that say something."""
_NO_REASON: Final = "the generator makes no class of it, and does not say why"
_MAX_REASON: Final = 300
_NOTHING: Final = (
    "the generator can express no operation of it, so there is no client: describe one in JSON "
    "with an overlay; the mock and the suite take the contract as it is"
)
_SUCCESS: Final = re.compile(r"2..|default", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part of the contract that the client does not have.

    Attributes:
        name: Which: method, path and operationId, or a part of the operation, or a component.
        reason: Why the generator cannot express it.
        pointer: What is taken out of the document for it; None for a part of an operation.
    """

    name: str
    reason: str
    pointer: str | None = None

    def __str__(self) -> str:
        """One line."""
        return f"{self.name}: {self.reason}"


class BrokenPackageError(PipelineError):
    """The generator broke on the document, or what it wrote is broken."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What the generator writes from.

    Attributes:
        data: The generator's own form.
        endpoints: Each operation, by path and method, in the contract's order.
        left_out: What is not in it.
    """

    data: GeneratorData
    endpoints: Mapping[Place, Endpoint]
    left_out: tuple[LeftOut, ...]


def parse(contract: Document, config: Config, without: Iterable[LeftOut] = ()) -> Parsed:
    """Read the contract as the generator does, without what it cannot express.

    Args:
        contract: The built contract.
        config: The generator's configuration.
        without: Operations that are left out for another reason, found later than here.

    Raises:
        PipelineError: Nothing can be generated, or names are no names.
    """
    identifiers = prepare.python_names(contract, config.field_prefix)
    document = prepare.prepare(contract.data)
    gone = [*without, *_unwritable(document)]
    for item in gone:
        _remove(document, item)
    while True:
        data = _from_dict(document, config, contract)
        endpoints = dict(_endpoints(document, data, identifiers))
        found = list(_missing(document, data, endpoints)) or list(
            _incomplete(document, data, endpoints, config)
        )
        if not found:
            break
        gone += found
        for item in found:
            _remove(document, item)
    if not endpoints and any(operations(contract.data)):
        raise PipelineError.of(
            [Problem(_NOTHING, contract.name)]
            + [Problem(f"left out: {item}", contract.name) for item in gone]
        )
    _refuse_one_module(data, contract)
    names.settle(data, config)
    parts = [*_parts(document, endpoints), *_components(document, data, config)]
    return Parsed(data, endpoints, (*gone, *parts))


def classes(
    contract: Document, config: Config, without: Iterable[LeftOut] = ()
) -> list[tuple[str, str]]:
    """Class and module of everything that the contract's schemas become."""
    document = prepare.prepare(contract.data)
    for item in without:
        _remove(document, item)
    data = _from_dict(document, config, contract)
    found = [*data.models, *data.enums]
    return sorted((str(one.class_info.name), str(one.class_info.module_name)) for one in found)


def _from_dict(document: dict[str, Any], config: Config, contract: Document) -> GeneratorData:
    try:
        data = GeneratorData.from_dict(copy.deepcopy(document), config=config)
    except Exception as error:  # whatever it did not expect of a document
        raise fault(error, contract) from error
    if isinstance(data, GeneratorError):
        raise BrokenPackageError(
            f"the generator cannot read it: {reason(data)}", file=contract.name
        )
    return data


def fault(error: Exception, contract: Document) -> BrokenPackageError:
    """What the generator raised, as an error of ours."""
    text = _plain(f"{type(error).__name__}: {error}")
    return BrokenPackageError(f"the generator breaks on it: {text}", file=contract.name)


def _plain(text: str) -> str:
    """The generator's words, without the addresses of its objects, on one bounded line."""
    text = _MIXED.sub(
        "its enum has values of several types", _OBJECT.sub("", " ".join(text.split()))
    )
    return text if len(text) <= _MAX_REASON else f"{text[:_MAX_REASON]}..."


def reason(fault: GeneratorError) -> str:
    """What the generator says of a part that it leaves out."""
    text = _plain(f"{fault.header} {fault.detail or ''}")
    return _NO_HEADER.sub("", text)


def _endpoints(
    document: dict[str, Any], data: GeneratorData, identifiers: Mapping[Place, str]
) -> Iterator[tuple[Place, Endpoint]]:
    known = {
        str(endpoint.name): endpoint
        for collection in data.endpoint_collections_by_tag.values()
        for endpoint in collection.endpoints
    }
    for path, method, _ in operations(document):
        endpoint = known.get(str(identifiers[path, method]))
        if endpoint is not None:
            yield (path, method), endpoint


def _missing(
    document: dict[str, Any], data: GeneratorData, endpoints: Mapping[Place, Endpoint]
) -> Iterator[LeftOut]:
    """Operations that did not come, or came without what makes them of use."""
    faults: dict[str, list[str]] = defaultdict(list)
    for collection in data.endpoint_collections_by_tag.values():
        for fault in collection.parse_errors:
            head, _, rest = fault.header.partition(f" within {prepare.TAG}.")
            fault.header = rest.removeprefix(" Endpoint will not be generated.").strip()
            faults[head.removeprefix("WARNING parsing ")].append(reason(fault))
    for path, method, operation in operations(document):
        why = "; ".join(faults[f"{method.upper()} {path}"]) or "the generator passes over it"
        endpoint = endpoints.get((path, method))
        lost = endpoint is None or any(
            _SUCCESS.fullmatch(code) for code in _lost(operation, endpoint)
        )
        if lost:
            name = prepare.title(path, method, operation)
            yield LeftOut(name, why, pointer.join("/paths", path, method))


def _lost(operation: Mapping[str, Any], endpoint: Endpoint) -> list[str]:
    """Codes of answers that the generator cannot read."""
    read = {answer.status_code.pattern for answer in endpoint.responses.patterns}
    if endpoint.responses.default is not None:
        read.add("default")
    return [code for code in operation["responses"] if code not in read]


def _parts(document: dict[str, Any], endpoints: Mapping[Place, Endpoint]) -> Iterator[LeftOut]:
    """Answers to failures, and further forms of a body, that the generator cannot express."""
    for path, method, operation in operations(document):
        endpoint = endpoints[path, method]
        whole = prepare.title(path, method, operation)
        for code in _lost(operation, endpoint):
            yield LeftOut(f"answer {code} of {whole}", "its content or schema is not supported")
        taken = {body.content_type.get_untrusted_value() for body in endpoint.bodies}
        for media in operation.get("requestBody", {}).get("content", {}):
            if media not in taken:
                yield LeftOut(f"body {media} of {whole}", "its type or schema is not supported")


def _incomplete(
    document: dict[str, Any],
    data: GeneratorData,
    endpoints: Mapping[Place, Endpoint],
    config: Config,
) -> Iterator[LeftOut]:
    """What came, and imports a class that did not: the generator takes classes away afterwards."""
    there = {str(one.class_info.module_name) for one in (*data.models, *data.enums)}
    wants = {
        str(model.class_info.module_name): _imported(
            *(model.relative_imports or ()), *(model.lazy_imports or ())
        )
        for model in data.models
    }
    broken: set[str] = set()
    while more := {
        module for module, needs in wants.items()
        if module not in broken and (needs - there or needs & broken)
    }:  # fmt: skip
        broken |= more
    schemas = document.get("components", {}).get("schemas", {})
    called = {str(_class(name, config).module_name): name for name in schemas}
    for module, name in called.items():
        if module in broken:
            lost = wants[module] - there or wants[module] & broken
            yield LeftOut(
                f"component {name}", _needs(lost, called), pointer.join("/components/schemas", name)
            )
    for path, method, operation in operations(document):
        needs = _imported(*endpoints[path, method].relative_imports)
        if lost := needs - there or needs & broken:
            name = prepare.title(path, method, operation)
            yield LeftOut(name, _needs(lost, called), pointer.join("/paths", path, method))


def _imported(*statements: str) -> set[str]:
    """The modules of models that these statements import."""
    return {match[1] for text in statements if (match := _MODEL_IMPORT.search(text))}


def _needs(modules: Iterable[str], called: Mapping[str, str]) -> str:
    gone = ", ".join(sorted(called.get(module, module) for module in modules))
    return f"it needs what the generator leaves out: {gone}"


def _class(name: str, config: Config) -> Class:
    """The class that a component's name becomes."""
    return Class.from_string(string=name, config=config)


def _components(document: dict[str, Any], data: GeneratorData, config: Config) -> Iterator[LeftOut]:
    """Components that did not come."""
    told: set[str] = set()
    taken_away: dict[str, str] = {}
    for problem in data.errors:
        text = reason(problem)
        match = _COMPONENT.match(text)
        name = match["name"] if match else ""
        told.add(name)
        _, _, gone = (problem.detail or "").partition(_TAKEN_AWAY)
        taken_away |= dict.fromkeys(map(_last, gone.split()), name)
        text = text[match.end() :] if match else text
        why = text.partition(_TAKEN_AWAY)[0].strip()
        yield LeftOut(f"component {name}", why or _NO_REASON)
    classes = {str(one.class_info.name) for one in (*data.models, *data.enums)}
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        if name in told or not _is_class(schema) or str(_class(name, config).name) in classes:
            continue
        why = _needs([taken_away[name]], {}) if name in taken_away else _NO_REASON
        yield LeftOut(f"component {name}", why)


def _last(place: str) -> str:
    return place.rpartition("/")[2]


def _is_class(schema: Mapping[str, Any]) -> bool:
    """Whether the generator makes a class of a component, and no union or other name."""
    bases = schema.get("allOf", ())
    if (len(bases) == 1 and "$ref" in bases[0]) or schema.get("type") == "boolean":
        return False
    if "enum" in schema:
        return None not in schema["enum"]
    return schema.get("type") == "object" and not schema.keys() & {"anyOf", "oneOf"}


def _unwritable(document: dict[str, Any]) -> Iterator[LeftOut]:
    for place, why in prepare.unwritable(document):
        parts = pointer.split(place)
        if parts[0] == "components":
            yield LeftOut(f"component {parts[-1]}", why, place)
            continue
        for path, method, operation in operations(document):
            if path == parts[1] and parts[2] in {method, "parameters"}:
                name = prepare.title(path, method, operation)
                yield LeftOut(name, why, pointer.join("/paths", path, method))


def _remove(document: dict[str, Any], item: LeftOut) -> None:
    if item.pointer is not None:
        holder, _, last = item.pointer.rpartition("/")
        pointer.resolve(document, holder).pop(pointer.split(f"/{last}")[0], None)


def _refuse_one_module(data: GeneratorData, contract: Document) -> None:
    """Two classes in one file: the second would replace the first."""
    holders: dict[str, str] = {}
    problems: list[Problem] = []
    for one in sorted([*data.models, *data.enums], key=lambda one: str(one.class_info.name)):
        name = str(one.class_info.name)
        module = unicodedata.normalize("NFKC", str(one.class_info.module_name)).lower()
        first = holders.setdefault(module, name)
        if first != name:
            problems.append(
                Problem(
                    f"the classes {first} and {name} both become the module {module}: give one of "
                    "them another module_name under class_overrides in openapi/generator.yaml",
                    contract.name,
                )
            )
    if problems:
        raise PipelineError.of(problems)
