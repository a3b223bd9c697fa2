"""The house stays calm: few rooms in a folder, few floors, no circles.

Every package that was put in order stands in `LIMITS`; `scripts/house.py` says what is counted.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from house import measure  # noqa: E402 - a script, not a package


@dataclass(frozen=True)
class Limits:
    floors: int
    rooms: int = 15
    without: tuple[str, ...] = ()


LIMITS = {
    # The command lines stand on the library, with floors of their own.
    "client/akool_faceswap": Limits(floors=9, without=("akool_faceswap.cli",)),
    "client/akool_batch": Limits(floors=6),
    "mock/akool_mock": Limits(floors=9),
    # Eight storeys; module by module it is deeper: a run has its parts, and they have theirs.
    "contract_tests/akool_contract": Limits(floors=19),
    "contract_tests/akool_contract_proof": Limits(floors=8),
    "scripts/akool_pipeline": Limits(floors=14),
}
STOREYS = 9


@pytest.mark.parametrize("package", [name for name, limits in LIMITS.items() if limits.without])
def test_the_command_line_adds_few_floors_and_no_circle(package):
    house = measure(ROOT / package)
    assert house.circles == []
    assert len(house.chain) <= LIMITS[package].floors + 3, house.chain


@pytest.mark.parametrize("package", LIMITS)
def test_a_package_has_few_rooms_few_floors_and_no_circles(package):
    limits = LIMITS[package]
    house = measure(ROOT / package, without=limits.without)
    assert house.circles == []
    assert len(house.chain) <= limits.floors, house.chain
    assert max(house.rooms.values()) <= limits.rooms, house.rooms


@pytest.mark.parametrize("package", LIMITS)
def test_the_folders_of_a_package_stand_on_few_storeys_without_knots(package):
    house = measure(ROOT / package)
    assert house.knots == []
    assert len(house.storeys) <= STOREYS, house.storeys


WALKS = (ROOT / "docs/how-it-works.md").read_text("utf-8").split("\n## ")
"""The sections of the page; one may have a walk through a package, as a table of rooms."""


@pytest.mark.parametrize(
    "package",
    ["client/akool_faceswap", "mock/akool_mock", "contract_tests/akool_contract",
     "scripts/akool_pipeline"],
)  # fmt: skip
def test_every_room_that_a_walk_names_is_there(package):
    walk = next(text for text in WALKS if f"module by module, in `{package}/`" in text)
    rows = [row.split("|")[1] for row in walk.splitlines() if row.startswith("| `")]
    rooms = [room for row in rows for room in re.findall(r"`([^`]+)`", row)]
    assert len(rooms) >= 10
    assert [room for room in rooms if not (ROOT / package / room).exists()] == []


@pytest.fixture
def village(tmp_path):
    def build(**files):
        for name, text in {"__init__": "", **files}.items():
            path = tmp_path / "village" / f"{name.replace('__in__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return measure(tmp_path / "village")

    return build


def test_a_chain_counts_imports_for_type_checkers_and_inside_functions(village):
    house = village(
        a="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from village.b import B",
        b="def f():\n    from village import c",
        c="import json",
    )
    assert house.chain == ["village.a", "village.b", "village.c"]


def test_a_circle_is_found_however_it_closes_and_is_one_floor(village):
    house = village(
        a="import village.b", b="def f():\n    from village.c import x", c="import village.a"
    )
    assert house.circles == [["village.a", "village.b", "village.c"]]
    assert len(house.chain) == 1


def test_a_folder_is_one_storey_and_what_is_between_two_folders_may_be_a_knot(village):
    house = village(
        a__in__x="import village.a.y", a__in__y="import village.b.z", b__in__z="import json",
        b__in__w="import village.a.x",
    )  # fmt: skip
    assert house.chain == ["village.b.w", "village.a.x", "village.a.y", "village.b.z"]
    assert house.circles == []
    assert house.knots == [["village.a", "village.b"]]
    assert len(house.storeys) == 1


def test_rooms_are_modules_and_folders_and_generated_lines_are_apart(village):
    house = village(a="x = 1\n", b="# Generated\ny = 1\n", c__in__d="z = 1\n")
    assert house.rooms["village"] == 4
    assert (house.lines, house.generated) == (2, 2)
