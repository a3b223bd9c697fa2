"""`mock --contract` takes what `akool-faceswap contract build` writes, in either form."""

from __future__ import annotations

import json
import sys

import pytest

from akool_mock._contract.file import read_contract
from akool_openapi import json_path, load, yaml_path


def test_the_yaml_that_is_built_is_the_same_contract_as_the_json() -> None:
    assert yaml_path().suffix == ".yaml"
    assert read_contract(yaml_path().read_bytes()) == load()
    assert read_contract(json_path().read_bytes()) == load()


def test_keys_and_dates_are_texts_as_in_json() -> None:
    found = read_contract(b"paths: {/a: {get: {responses: {200: {example: 2023-08-15}}}}}")
    assert json.loads(json.dumps(found)) == found
    assert found["paths"]["/a"]["get"]["responses"] == {"200": {"example": "2023-08-15"}}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"[1]", "not an OpenAPI document"),
        (b"a: [", "neither JSON nor YAML"),
        (b"\xff\xfe\x00", "neither JSON nor YAML"),
        (b"!!python/object:os.system {}", "neither JSON nor YAML"),
    ],
)
def test_what_is_no_contract_is_told_in_one_line(raw: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        read_contract(raw)
    assert "\n" not in str(caught.value)


def test_without_a_yaml_reader_the_json_form_is_pointed_at(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ValueError, match="give the JSON that is built beside it"):
        read_contract(b"openapi: 3.0.3")
