"""Prism, the second opinion on the contract: prism-cli 5.14.2, run as a subprocess.

    from akool_mock.prism import Prism

    with Prism() as prism:  # serves the merged contract by itself, without state
        httpx2.get(prism.url + "/api/open/v3/faceswap/quota/info", headers={"x-api-key": "any"})

    with Prism(upstream="http://127.0.0.1:8080") as prism: # checks the traffic with a server
        ...
        prism.check()

Needs Node.js 18.20.1 or newer (`AKOOL_NODE`, the PATH, or the extra `[prism]`). The version is
pinned: 5.15 and 5.16 never answer a request whose JSON is malformed, and crash under
NODE_ENV=production.

`python -m akool_mock.prism` installs prism-cli ahead of its first use.
"""

from akool_mock.prism._errors import (
    ContractRefused,
    ContractViolated,
    InstallFailed,
    NodeMissing,
    PrismError,
    PrismFailed,
)
from akool_mock.prism._install import install
from akool_mock.prism._node import MIN_NODE, Node, find_node
from akool_mock.prism._prism import Prism
from akool_mock.prism._violations import Exchange, Side, Violation, parse_violations

__all__ = [
    "MIN_NODE",
    "ContractRefused",
    "ContractViolated",
    "Exchange",
    "InstallFailed",
    "Node",
    "NodeMissing",
    "Prism",
    "PrismError",
    "PrismFailed",
    "Side",
    "Violation",
    "find_node",
    "install",
    "parse_violations",
]
