"""Python names that cannot hide a name of the generated code itself. Pure.

The generator's templates use names of their own (`d`, `field_dict`, `body`, ...) and make more from
those of properties (`x_item_data`). A property or parameter of the same name would overwrite them:
it gets an underscore, or its place, appended. Names on the wire stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openapi_python_client.config import ClassOverride
from openapi_python_client.schema.untrusted_string import UntrustedString

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from openapi_python_client.config import Config
    from openapi_python_client.parser import GeneratorData
    from openapi_python_client.parser.openapi import Endpoint
    from openapi_python_client.parser.properties import ModelProperty, Property

_CLASS_WORDS: Final = """
ABC Any AsyncRawOperations AuthenticatedClient BinaryIO BytesIO Client File FileTypes Final
Generator Generic HTTPStatus IntEnum Literal Mapping MutableMapping OPERATIONS Operation Protocol
RawOperations RequestFiles Response Self StrEnum T TYPE_CHECKING TextIO TypeVar UNSET UUID
UnexpectedStatus Unset
"""
CLASSES: Final = frozenset(_CLASS_WORDS.split())
"""What generated modules import or define: a class of the contract may not be called so."""
_MODEL_WORDS: Final = """
additional_keys additional_properties cast cls d field_dict files from_dict json prop prop_dict
prop_name src_dict to_dict to_multipart types
"""
IN_MODELS: Final = CLASSES | frozenset(_MODEL_WORDS.split())
"""What the methods of a model use."""
_OPERATION_WORDS: Final = """
answer body cast client cookies errors headers httpx json kwargs params quote response timeout url
"""
IN_OPERATIONS: Final = CLASSES | frozenset(_OPERATION_WORDS.split())
"""What the functions of an operation use, and the raw methods beside them."""
_ROUNDS: Final = 50
"""More than any chain of names that push each other aside; an error if not."""


def class_overrides() -> dict[str, ClassOverride]:
    """Other names for components that are called like a class of the generated code."""
    return {name: ClassOverride.model_validate({"class_name": f"{name}Model"}) for name in CLASSES}


def settle(parsed: GeneratorData, config: Config) -> None:
    """Rename in place what would hide a name of the generated code."""
    for _ in range(_ROUNDS):
        changed = [_settle_model(model, config) for model in parsed.models]
        for collection in parsed.endpoint_collections_by_tag.values():
            changed += [_settle_endpoint(endpoint, config) for endpoint in collection.endpoints]
        if not any(changed):
            return
    raise RuntimeError("the names of properties collide without end")


def _settle_model(model: ModelProperty, config: Config) -> bool:
    """Returns whether a name was changed."""
    fields = [*(model.required_properties or ()), *(model.optional_properties or ())]
    imports = (model.lazy_imports or set()) | (model.relative_imports or set())
    taken = IN_MODELS | {model.class_info.module_name} | {line.split()[-1] for line in imports}
    changed = _settle(fields, taken, config, lambda _: "_")
    extra = model.additional_properties
    inside = [extra, *_inner(extra)] if extra else []
    for field in fields:
        inside += _inner(field)
    return _settle_inner(inside, fields, taken, config) or changed


def _settle_endpoint(endpoint: Endpoint, config: Config) -> bool:
    places = {id(prop): str(place) for place, prop in endpoint.iter_all_parameters()}
    fields = [prop for _, prop in endpoint.iter_all_parameters()]
    taken = IN_OPERATIONS | {line.split()[-1] for line in endpoint.relative_imports}
    taken |= {f"json_{prop.python_name}" for prop in fields}
    before = {id(prop): prop.python_name for prop in endpoint.path_parameters}
    changed = _settle(fields, taken, config, lambda prop: f"_{places[id(prop)]}")
    for prop in endpoint.path_parameters:
        old, new = before[id(prop)], prop.python_name
        path = endpoint.path.get_untrusted_value().replace(f"{{{old}}}", f"{{{new}}}")
        endpoint.path = UntrustedString(path)
    inside = [inner for field in fields for inner in _inner(field)]
    # Of a body only what is inside it has a name of its own.
    inside += [inner for body in endpoint.bodies for inner in _inner(body.prop)]
    return _settle_inner(inside, fields, taken, config) or changed


def _settle(
    fields: list[Property],
    taken: frozenset[str],
    config: Config,
    ending: Callable[[Property], str],
) -> bool:
    changed = False
    for prop in fields:
        name = str(prop.python_name)
        others = {str(p.python_name) for p in fields if p is not prop}
        while name in taken or name in others:
            name += ending(prop)
        changed |= _rename(prop, name, config)
    return changed


def _settle_inner(
    inside: list[Property], fields: list[Property], taken: frozenset[str], config: Config
) -> bool:
    """Items and alternatives: nobody sees their names, so they give way."""
    outer = {str(prop.python_name) for prop in fields} | taken
    changed = False
    for prop in inside:
        name = str(prop.python_name)
        while outer & {name, f"{name}_data", f"{name}_element"}:
            name += "_"
        changed |= _rename(prop, name, config)
    return changed


def _rename(prop: Property, name: str, config: Config) -> bool:
    if name == prop.python_name:
        return False
    prop.set_python_name(UntrustedString(name), config=config, skip_snake_case=True)
    return True


def _inner(prop: Property) -> Iterator[Property]:
    """What is inside a list or a union, at any depth."""
    inner = getattr(prop, "inner_property", None)
    for part in [inner] if inner is not None else getattr(prop, "inner_properties", ()):
        yield part
        yield from _inner(part)
