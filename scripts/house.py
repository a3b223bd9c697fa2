"""Measures the packages of this house: rooms in a folder, floors of imports, circles, lines.

    python scripts/house.py client/akool_faceswap mock/akool_mock     # two lines for each

A room is a module or a folder of modules. A floor is one step of the longest chain of imports
inside a package; imports for type checkers and inside functions count, a circle counts as one.
Storeys are the same for the rooms right in the package: a folder is one, whatever is in it.
"""

from __future__ import annotations

import argparse
import ast
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Graph = dict[str, set[str]]
GENERATED: Final = "# Generated"
"""How a module begins that nobody writes."""


@dataclass(frozen=True, slots=True)
class House:
    """One package, measured."""

    name: str
    rooms: Mapping[str, int]
    """Folder to the rooms in it, `__init__` included."""
    chain: Sequence[str]
    """A longest chain of imports, from the roof to the ground; a circle is one link."""
    circles: Sequence[Sequence[str]]
    storeys: Sequence[str]
    """The chain, room by room: modules and folders right in the package."""
    knots: Sequence[Sequence[str]]
    """The circles of those rooms."""
    lines: int
    """Written by hand."""
    generated: int
    """Lines that are not."""

    def __str__(self) -> str:
        """All of it in one line."""
        widest = max(self.rooms, key=lambda folder: self.rooms[folder])
        return (
            f"{self.name}: {self.rooms[widest]} rooms in {widest}, {len(self.storeys)} storeys, "
            f"{len(self.knots)} knots, {len(self.chain)} floors, {len(self.circles)} circles, "
            f"{self.lines} lines by hand, {self.generated} generated"
        )


def measure(package: Path, *, without: Sequence[str] = ()) -> House:
    """Measure one package.

    Args:
        package: Its folder; the name of the folder is the name of the package.
        without: Modules and subpackages that are left out of floors and circles, dotted.
    """
    files = modules(package)
    graph = {
        name: {other for other in imports(file, files) if other != name}
        for name, file in files.items()
        if not any(name == out or name.startswith(out + ".") for out in without)
    }
    graph = {name: others & graph.keys() for name, others in graph.items()}
    groups = circles(graph)
    whole = folded(graph)
    knots = circles(whole)
    texts = [file.read_text(encoding="utf-8") for file in files.values()]
    made = [text for text in texts if text.startswith(GENERATED)]
    return House(
        name=package.name,
        rooms={str(folder.relative_to(package.parent)): n for folder, n in rooms(package)},
        chain=longest(graph, groups),
        circles=[sorted(group) for group in groups if len(group) > 1],
        storeys=longest(whole, knots),
        knots=[sorted(group) for group in knots if len(group) > 1],
        lines=sum(len(text.splitlines()) for text in texts if text not in made),
        generated=sum(len(text.splitlines()) for text in made),
    )


def modules(package: Path) -> dict[str, Path]:
    """Dotted name to file, a package under its own name."""
    found: dict[str, Path] = {}
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def rooms(package: Path) -> Iterator[tuple[Path, int]]:
    """Each folder of a package with the number of modules and packages right in it."""
    for folder in sorted({file.parent for file in package.rglob("*.py")}):
        inside = [path for path in folder.iterdir() if path.suffix == ".py" or has_modules(path)]
        yield folder, len(inside)


def has_modules(path: Path) -> bool:
    """Whether it is a folder with a module in it."""
    return path.is_dir() and any(path.glob("*.py"))


def imports(file: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """Modules of the same package that a file imports, wherever the import stands."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole in known or node.module in known:
                    yield whole if whole in known else node.module


def folded(graph: Graph) -> Graph:
    """The graph of the rooms right in the package: what is deeper counts as its folder."""

    def room(name: str) -> str:
        return ".".join(name.split(".")[:2])

    whole: Graph = {}
    for name, others in graph.items():
        whole.setdefault(room(name), set()).update(map(room, others))
    return {name: others - {name} for name, others in whole.items()}


def circles(graph: Graph) -> list[list[str]]:
    """The strongly connected groups of a graph (Tarjan), each after those that it needs."""
    found: list[list[str]] = []
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_: list[str] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        open_.append(name)
        for other in sorted(graph[name]):
            if other not in order:
                visit(other)
            if other in open_:
                lowest[name] = min(lowest[name], lowest[other])
        if lowest[name] == order[name]:
            at = open_.index(name)
            found.append(open_[at:])
            del open_[at:]

    for name in sorted(graph):
        if name not in order:
            visit(name)
    return found


def longest(graph: Graph, groups: Sequence[Sequence[str]]) -> list[str]:
    """The longest chain of imports; `groups` come in the order of `circles`."""
    chains: dict[str, list[str]] = {}
    for group in groups:
        below = {other for name in group for other in graph[name]} - set(group)
        best = max((chains[name] for name in sorted(below)), key=len, default=[])
        for name in group:
            chains[name] = [" + ".join(sorted(group)), *best]
    return max(chains.values(), key=len, default=[])


def main() -> None:
    """Measure the packages, each in one line and with its longest chain."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("packages", nargs="+", metavar="PACKAGE", type=Path)
    packages: list[Path] = parser.parse_args().packages
    for package in packages:
        if not (package / "__init__.py").is_file():
            parser.error(f"{package} is no package: it has no __init__.py")
        house = measure(package)
        print(house)
        print("   ", " > ".join(name.removeprefix(house.name + ".") for name in house.chain))


if __name__ == "__main__":
    main()
