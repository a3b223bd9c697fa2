from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from akool_contract._options import PROFILES, Options
from akool_contract_proof.reference import ReferenceServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[ReferenceServer]:
    """A correct server on a socket."""
    with ReferenceServer() as running:
        yield running


@pytest.fixture
def quick() -> Options:
    return Options(profile=PROFILES["quick"], max_credits=20_000.0)
