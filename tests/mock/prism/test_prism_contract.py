import json
from pathlib import Path
from typing import Any

import pytest

import akool_openapi
from akool_mock.prism import ContractRefused
from akool_mock.prism._contract import as_json


def test_the_merged_contract_is_the_usual_one_but_for_its_callbacks() -> None:
    given, merged = json.loads(as_json(None)), akool_openapi.load()
    assert given["components"] == merged["components"]
    assert given["paths"].keys() == merged["paths"].keys()
    assert "callbacks" in json.dumps(merged["paths"])
    assert '"callbacks"' not in json.dumps(given["paths"])


@pytest.mark.parametrize("name", ["contract.json", "contract.yaml", "contract.yml"])
def test_a_file_is_read_as_json_or_yaml(
    contract: dict[str, Any], tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    file.write_text(json.dumps(contract), encoding="utf-8")  # which is YAML too
    assert json.loads(as_json(file)) == contract


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("broken.json", "{"),
        ("broken.yaml", "a: [b"),
        ("unsafe.yaml", "!!python/object/apply:os.getcwd []"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_in_one_line(
    tmp_path: Path, name: str, text: str
) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ContractRefused, match=name) as caught:
        as_json(file)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractRefused, match=r"absent\.json"):
        as_json(tmp_path / "absent.json")


@pytest.mark.parametrize("ref", ["other.json#/a", "http://a.example/x", "/etc/passwd", "./a.yaml"])
def test_what_prism_would_fetch_is_refused(ref: str) -> None:
    with pytest.raises(ContractRefused, match="outside itself"):
        as_json({"paths": {"/a": {"get": {"responses": {"200": {"$ref": ref}}}}}})
