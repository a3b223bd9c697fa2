"""Writes the list of checks into docs/verify.md, between its markers."""

from __future__ import annotations

from pathlib import Path

from akool_contract.cli._names import check_list

PAGE = Path(__file__).resolve().parents[2] / "docs" / "verify.md"
BEGIN, END = "<!-- checks: begin -->\n", "<!-- checks: end -->"


def updated(text: str) -> str:
    """The page with the checks as they are."""
    head, _, rest = text.partition(BEGIN)
    tail = rest.partition(END)[2]
    rows = "\n| check | clause |\n|---|---|\n" + "".join(
        f"| `{name}` | {clause} |\n" for name, clause in check_list()
    )
    return f"{head}{BEGIN}{rows}\n{END}{tail}"


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
