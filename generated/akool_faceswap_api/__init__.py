"""A client library for accessing AKOOL Face Swap (merged from the docs pages; unofficial)"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
