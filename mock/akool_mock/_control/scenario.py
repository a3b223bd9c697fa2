"""Scenario files: settings, accounts and fault rules for a start, as TOML or JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from akool_mock._world.accounts import Account
from akool_mock._world.faults import Rule
from akool_mock._world.settings import MockError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from akool_mock._world.settings import Settings
    from akool_mock._world.world import World


_PARTS = {"settings": dict, "accounts": list, "faults": list}
_MAX_BYTES = 1 << 20


def read(path: Path) -> dict[str, Any]:
    """The scenario in a file.

    Raises:
        MockError: it cannot be read, or has parts that no scenario has.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise MockError(f"scenario {path}: larger than {_MAX_BYTES} bytes")
        text = data.decode()
        if path.suffix == ".json":
            found = json.loads(text)
        else:
            import tomllib  # noqa: PLC0415 - most starts read no scenario

            found = tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise MockError(f"scenario {path}: {error}") from None
    if not isinstance(found, dict):
        raise MockError(f"scenario {path}: not a table of {', '.join(_PARTS)}")
    for name, value in found.items():
        if name not in _PARTS or not isinstance(value, _PARTS[name]):
            raise MockError(
                f"scenario {path}: {name!r}: it has settings, [[accounts]] and [[faults]]"
            )
    return found


def settings_of(scenario: Mapping[str, Any], settings: Settings) -> Settings:
    """The settings, changed by the scenario."""
    return settings.changed(scenario.get("settings", {}))


def apply(scenario: Mapping[str, Any], world: World) -> None:
    """Add the scenario's accounts and fault rules.

    Raises:
        MockError: one of them makes no sense.
    """
    for entry in scenario.get("accounts", ()):
        account = _account(entry, world.settings.credits)
        if account.client_id not in world.accounts.by_client:
            world.keep(world.accounts.add(account))
    if world.restored:
        return  # what is left of them came back with the state file
    for entry in scenario.get("faults", ()):
        world.add_fault(Rule.from_json(entry if isinstance(entry, dict) else {"fault": entry}))


def _account(entry: object, usual: float) -> Account:
    said = entry if isinstance(entry, dict) else {}
    kinds: dict[str, Any] = {
        "client_id": str,
        "api_key": str,
        "credits": (int, float),
        "banned": bool,
    }
    told = {"credits": usual, "banned": False, **said}
    wrong = [name for name in (kinds | told) if not isinstance(told.get(name), kinds.get(name, ()))]
    if wrong:
        raise MockError(
            "a scenario's account has client_id and api_key (text), and may have credits "
            f"(a number) and banned (true or false); look at {', '.join(map(str, wrong))}"
        )
    account = Account(told["client_id"], told["api_key"], told["credits"])
    account.banned = told["banned"]
    return account
