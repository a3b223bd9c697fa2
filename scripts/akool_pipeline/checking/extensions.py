"""Every extension of ours fits the JSON Schema of its name.

The schemas are package data of `akool_openapi`; an extension without one there is somebody else's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from akool_openapi import extension_schemas
from akool_pipeline.checking.findings import Finding
from akool_pipeline.checking.structure import operations
from akool_pipeline.documents.pointer import join

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(data: dict[str, Any]) -> Iterator[Finding]:
    """Extensions on the document and on its operations that are not as their schemas say."""
    validators = {
        key: Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        for key, schema in extension_schemas().items()
    }
    holders = [("", data), *((one.pointer, one.value) for one in operations(data))]
    for pointer, holder in holders:
        for key in holder.keys() & validators.keys():
            here = join(pointer, key)
            for error in validators[key].iter_errors(holder[key]):
                place = join(here, *error.absolute_path)
                yield Finding(place, f"not what {key} can be: {error.message}")
