"""What the docs show was measured or recorded, and is still what the sources say."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from akool_contract.cli._names import check_list

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("title", ["Speed", "Contract tests"])
def test_the_figures_of_the_comparison_are_those_of_the_benchmarks(title: str) -> None:
    page = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {title}\n")[2].partition("\n## ")[0].partition("Before this")[0]
    measured = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    cells = [cell.strip() for row in rows for cell in row.split("|")[2:-1]]
    figures = [figure for cell in cells for figure in re.findall(r"(?<!\w)\d[\d,.]*", cell)]
    assert len(figures) >= 6
    assert [figure for figure in figures if f" {figure} " not in measured] == []


def test_every_summary_of_verify_that_the_docs_show_counts_the_checks_that_there_are() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = re.compile(r"^(\d+) checks: (\d+) passed, (\d+) failed, (\d+) not run$", re.MULTILINE)
    summaries = [found for page in pages for found in shown.findall(page.read_text("utf-8"))]
    assert len(summaries) >= 4
    assert {int(total) for total, *_ in summaries} == {len(check_list())}
    assert all(int(total) == sum(map(int, parts)) for total, *parts in summaries)


def test_the_terminal_picture_is_drawn_from_its_recording_and_loads_nothing() -> None:
    cast = (PICTURES / "terminal.cast").read_text(encoding="utf-8")
    picture = (PICTURES / "terminal.svg").read_text(encoding="utf-8")
    assert picture == script("asciicast").draw(cast)
    assert "Every step held" in picture
    assert not re.search(r"url\(|href|<script|@import", picture)


def test_each_picture_is_there_in_light_and_dark_wide_and_narrow() -> None:
    for name in ("dashboard", "report"):
        variants = {file.stem for file in PICTURES.glob(f"{name}-*.png")}
        wanted = {f"{name}-{t}-{w}" for t in ("light", "dark") for w in (1280, 390)}
        assert variants == wanted
