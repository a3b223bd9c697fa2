"""Write results: deterministic bytes, and never half a result.

A file is written beside its place and moved over it, a folder is swapped in whole: a step that
fails, or a machine that stops, leaves the previous output where it was.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

import yaml

_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_Base):  # type: ignore[misc] # chosen at run time: libyaml's where it is installed
    """Block style without aliases: a reader should not have to look things up."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True

    def text(self, data: str) -> Any:  # noqa: ANN401 - PyYAML has no types
        """Escape what is the end of a line in YAML 1.1 and a character in 1.2."""
        style = '"' if _BREAKS.search(data) else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_BREAKS: Final = re.compile("[\x85\u2028\u2029]")
_Dumper.add_representer(str, _Dumper.text)

# Texts that some reader of YAML takes for something else are quoted. PyYAML quotes what YAML 1.1
# takes for a number, a date or a boolean; these are YAML 1.2's and what readers add of their own.
for _pattern in (
    r"[-+]?0[box][0-9a-f_]+",
    r"[-+]?\.?[0-9][0-9_]*\.?[0-9_]*(?:e[-+]?[0-9]*)?",
    r"[-+]?\.(?:inf|nan)",
    r"y|n",
):
    _Dumper.add_implicit_resolver(
        "tag:yaml.org,2002:like-another", re.compile(rf"^(?i:{_pattern})$"), None
    )


def to_yaml(data: dict[str, Any], header: str = "") -> str:
    """`data` as YAML under `header`, a comment."""
    body = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return "".join(f"# {line}\n" for line in header.splitlines()) + str(body)


def to_json(data: Any) -> str:  # noqa: ANN401 - any JSON value
    """`data` as JSON on lines that a diff can show."""
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def write_files(contents: dict[Path, str | bytes]) -> list[Path]:
    """Write all files or none, and return those whose content changed.

    Every text is first written in full beside its destination; only then are they moved, one
    rename each.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        for path, content in contents.items():
            raw = content.encode() if isinstance(content, str) else content
            if path.is_file() and path.read_bytes() == raw:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            staged.append((Path(name), path))
            with os.fdopen(handle, "wb") as stream:
                stream.write(raw)
            Path(name).chmod(0o644)
        for temporary, path in staged:
            temporary.replace(path)
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)
    return [path for _, path in staged]


def replace_tree(new: Path, old: Path) -> None:
    """Put the folder `new` in the place of `old`; both must lie on one file system.

    `old` is moved aside before and deleted after, and comes back if the swap fails.
    """
    old.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{old.name}.", dir=old.parent)) / old.name
    had_old = old.exists()
    if had_old:
        old.replace(aside)
    try:
        new.replace(old)
    except OSError:
        if had_old:
            aside.replace(old)
        raise
    finally:
        shutil.rmtree(aside.parent, ignore_errors=True)
