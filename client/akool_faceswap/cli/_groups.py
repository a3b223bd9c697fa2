"""Options that several commands share, written down once.

A command takes a dataclass; each of its fields is an option of its own to Typer:

    @dataclass(frozen=True, kw_only=True)
    class How:
        out: Annotated[Path | None, typer.Option(help="...")] = None

    @app.command()
    @grouped
    def image(*, how: How) -> None: ...
"""

from __future__ import annotations

import inspect
from dataclasses import MISSING, fields, is_dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Take the fields of dataclasses as arguments, where `command` takes the dataclasses."""
    signature = inspect.signature(command, eval_str=True)
    parameters = signature.parameters.values()
    groups: dict[str, Any] = {
        p.name: p.annotation for p in parameters if is_dataclass(p.annotation)
    }

    @wraps(command)
    def flat(**given: Any) -> None:  # noqa: ANN401 - any options
        made = {
            name: group(**{field.name: given.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        command(**given, **made)

    options = [
        option
        for p in parameters
        for option in (_options(groups[p.name]) if p.name in groups else [p])
    ]
    flat.__signature__ = signature.replace(parameters=options)  # type: ignore[attr-defined]  # what `inspect` and Typer look for
    return flat


def _options(group: Any) -> Iterator[inspect.Parameter]:  # noqa: ANN401 - a dataclass
    hints = get_type_hints(group, include_extras=True)
    for field in fields(group):
        yield inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
