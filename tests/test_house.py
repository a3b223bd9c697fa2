"""The rules of the house that no linter knows: who may import whom, and what no file may name."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {
    "akool_openapi": "openapi",
    "akool_faceswap_api": "generated",
    "akool_faceswap": "client",
    "akool_batch": "client",
    "akool_mock": "mock",
    "akool_contract": "contract_tests",
    "akool_pipeline": "scripts",
}
MAY_IMPORT = {
    "akool_openapi": set[str](),
    "akool_faceswap_api": {"akool_openapi.operations"},
    "akool_faceswap": {"akool_faceswap_api", "akool_openapi.operations", "akool_openapi.pointer"},
    "akool_batch": {"akool_faceswap"},
    "akool_mock": {"akool_openapi", "akool_faceswap.webhooks"},
    "akool_contract": {"akool_openapi", "akool_faceswap", "akool_faceswap_api", "akool_mock"},
    "akool_pipeline": {"akool_openapi"},
}


def imports_of(package: str) -> Iterator[tuple[Path, str]]:
    """Every module of ours that a file of another package names in an import, dotted in full."""
    for file in sorted((ROOT / PACKAGES[package] / package).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [f"{node.module}.{alias.name}" for alias in node.names]
                if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module
                else []
            )
            for name in names:
                top = name.split(".")[0]
                if top in PACKAGES and top != package:
                    yield file, name


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_go_only_the_way_the_house_allows(package: str) -> None:
    faults = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file, name in imports_of(package)
        if not any(name == ok or name.startswith(ok + ".") for ok in MAY_IMPORT[package])
    ]
    assert not faults


def tracked_texts() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    for name in listed.decode().split("\0"):
        path = ROOT / name
        if not name or path.suffix in {".png", ".mp4", ".woff2", ".ico"} or not path.is_file():
            continue
        try:
            yield name, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


# Written in pieces, so that this file does not name what it forbids.
FORBIDDEN = [
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "registry.npm" + "js",
    "/work" + "/",
    "docker" + ".io",
]


def test_no_file_names_a_package_registry_or_a_machine_path() -> None:
    faults = [
        f"{name}: {word}" for name, text in tracked_texts() for word in FORBIDDEN if word in text
    ]
    assert not faults
