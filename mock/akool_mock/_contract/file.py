"""Read a contract from a file, JSON or the YAML that `akool-faceswap contract build` writes.

YAML needs PyYAML, which the simulator does not install: whoever builds contracts has it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from akool_mock._contract.sound import unsound
from akool_mock._world.settings import MockError

if TYPE_CHECKING:
    from pathlib import Path


def contract_at(path: Path) -> dict[str, Any]:
    """The OpenAPI document in a file.

    Raises:
        MockError: it cannot be read, is not an OpenAPI document, or holds a schema that is none.
    """
    try:
        found = read_contract(path.read_bytes())
    except OSError as error:
        raise MockError(f"contract {path}: {error.strerror or error}") from None
    except ValueError as error:
        raise MockError(f"contract {path}: {error}") from None
    if flaw := unsound(found):
        raise MockError(f"contract {path}: {flaw}; correct the contract")
    return found


def read_contract(raw: bytes) -> dict[str, Any]:
    """The OpenAPI document in `raw`.

    Raises:
        ValueError: It is neither JSON nor YAML, or no document; or YAML cannot be read here.
    """
    try:
        found = json.loads(raw)
    except ValueError:
        found = _yaml(raw)
    if not isinstance(found, dict):
        raise ValueError("not an OpenAPI document")  # noqa: TRY004 - a fault of the file
    return found


def _yaml(raw: bytes) -> Any:  # noqa: ANN401 - any JSON value
    try:
        import yaml  # noqa: PLC0415 - see above
    except ImportError as error:
        raise ValueError(
            "not JSON; reading YAML needs PyYAML: pip install 'akool-faceswap[spec]', or give the "
            "JSON that is built beside it"
        ) from error
    try:
        return _plain(yaml.safe_load(raw))
    except yaml.YAMLError as error:
        raise ValueError(f"neither JSON nor YAML: {' '.join(str(error).split())}") from error


def _plain(value: Any) -> Any:  # noqa: ANN401 - any YAML value
    """YAML's values as JSON has them: keys are texts, and so are dates."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)
