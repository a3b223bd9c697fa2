"""What we use of other packages and they do not promise is written down, bounded and told."""

import ast
import itertools
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOUSES = ("client", "mock/akool_mock", "contract_tests", "scripts", "openapi")
OURS = re.compile(r"akool_\w+|tests")
# Their documentation tells people to import from these.
PUBLIC = {
    "cryptography.hazmat.primitives",
    "cryptography.hazmat.primitives.ciphers",
    "cryptography.hazmat.primitives.asymmetric",
    "cryptography.hazmat.primitives.padding",
    "cryptography.hazmat.primitives.serialization",
    "cryptography.x509.oid",
    "hypothesis.errors",
    "hypothesis.stateful",
    "jsonschema.exceptions",
    "jsonschema.protocols",
    "libcst.metadata",
    "playwright.sync_api",
    "pyarrow.parquet",
    "referencing.jsonschema",
    "rich.console",
    "rich.markup",
    "rich.progress",
    "rich.status",
    "rich.table",
    "rich.text",
}
STANDARD = {"_replace", "_fields", "_asdict", "_name_", "_value_"}
GENERATED = {"_get_kwargs", "_parse_response"}
"""Of the package that we generate ourselves."""
ROWS = re.findall(
    r"^\| `([\w-]+)` \| (`[^|]*`) \| `([^|]*)` \| [^|]{20,} \|$",
    (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## Names that are not ours")[1],
    re.MULTILINE,
)


def borrowed(tree: ast.AST) -> Iterator[str]:
    """Submodules of other packages that are imported from, and private attributes of objects."""
    for node in ast.walk(tree):
        names = (
            [f"{node.module}"]
            if isinstance(node, ast.ImportFrom) and node.level == 0
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
        yield from (name for name in names if "." in name)
        if isinstance(node, ast.Attribute) and re.match(r"_[a-z]", node.attr):
            of_self = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
            if not of_self and node.attr not in STANDARD | GENERATED:
                yield node.attr


def found() -> Iterator[tuple[str, str]]:
    files = (file for house in HOUSES for file in (ROOT / house).rglob("*.py"))
    for file in files:
        if "node_modules" in file.parts:
            continue
        for name in borrowed(ast.parse(file.read_text("utf-8"))):
            top = name.split(".")[0]
            known = top in sys.stdlib_module_names or OURS.fullmatch(top)
            if name not in PUBLIC and not known:
                yield name, str(file.relative_to(ROOT))


def test_every_name_that_nobody_promised_us_is_in_the_table() -> None:
    table = {(name, place) for _, names, place in ROWS for name in re.findall(r"`([^`]+)`", names)}
    missing = [
        f"{file}: {name}"
        for name, file in found()
        if not any(name == known and file.startswith(place) for known, place in table)
    ]
    assert not missing


def test_the_table_names_only_what_is_used() -> None:
    for _, names, place in ROWS:
        path = ROOT / place
        files = path.glob("*.py") if path.is_dir() else [path]
        text = "".join(file.read_text("utf-8") for file in files)
        unused = [name for name in re.findall(r"`([^`]+)`", names) if name not in text]
        assert not unused, f"{place} does not use {unused}"


def test_the_table_is_read() -> None:
    assert {package for package, *_ in ROWS} >= {"httpx2", "uvicorn", "hypothesis", "schemathesis"}


@pytest.mark.parametrize("package", [package for package, *_ in ROWS])
def test_a_package_whose_private_names_we_use_has_an_upper_bound(package: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    every = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    wanted = [r for r in every if re.split(r"[<>=~!; \[]", r)[0] == package]
    assert wanted
    if package == "typer":  # a script of ours alone, which runs from the lock
        return
    assert all("==" in each or "<" in each for each in wanted)
