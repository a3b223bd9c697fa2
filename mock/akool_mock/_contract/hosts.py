"""The hosts of a contract: those of all its servers, path-level ones too. Pure."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from akool_openapi.operations import METHODS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


MAX_VALUES = 100
"""Most URLs that one server with variables is expanded to."""


def hosts_of(contract: Mapping[str, Any]) -> list[str]:
    """The host names of a contract's servers, lower case, in the contract's order.

    A server without a host (`/v1`) is served wherever the contract is, and names none. A variable
    stands for its default and, if it has them, for the values of its `enum`.
    """
    found: dict[str, None] = {}
    for server in _servers(contract):
        for address in _spelled_out(server):
            try:
                host = urlsplit(address).hostname
            except ValueError:
                continue  # a bracket that is never closed: no program can call it
            if host:
                found[host] = None
    return list(found)


def _servers(contract: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from contract.get("servers", ())
    for item in contract.get("paths", {}).values():
        if isinstance(item, dict):
            yield from item.get("servers", ())
            for method in METHODS:
                if isinstance(item.get(method), dict):
                    yield from item[method].get("servers", ())


def _spelled_out(server: Mapping[str, Any]) -> Iterator[str]:
    url = server.get("url", "")
    variables = server.get("variables", {})
    names = [name for name in dict.fromkeys(re.findall(r"\{([^{}]+)\}", url)) if name in variables]
    choices = [
        dict.fromkeys([variables[name].get("default", ""), *variables[name].get("enum", ())])
        for name in names
    ]
    for values in itertools.islice(itertools.product(*choices), MAX_VALUES):
        address = url
        for name, value in zip(names, values, strict=True):
            address = address.replace("{" + name + "}", str(value))
        yield address
