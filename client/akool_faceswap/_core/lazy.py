"""The generated code, loaded at the first call rather than at import.

Its forty models take as long to import as the HTTP library; a command line that prints its help, or
a web process that only receives webhooks, should not wait for them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from akool_faceswap._core import requests as calls
else:

    class _Later:
        """Stands for the module until something of it is wanted."""

        def __getattr__(self, name: str) -> object:
            value = getattr(import_module("akool_faceswap._core.requests"), name)
            setattr(self, name, value)
            return value

    calls = _Later()

__all__ = ["calls"]
