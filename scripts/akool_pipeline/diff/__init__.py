"""What changed between two contracts, and whom it breaks.

Every change is breaking, additive or documentation. What breaks depends on the direction: a
request may only come to accept more than it did, a response may only come to promise as much as it
did. A response enum counts as closed, because generated readers are. `compare` is pure; `render`
prints its result.

The engines that can be had from PyPI or npm miss, between them, servers, security schemes, array
and string limits that appear on a request, a query parameter's type, properties inside `allOf`, a
response's media type, and meaning that changed in prose only; hence one of our own, with a table
of cases as its test.
"""

from akool_pipeline.diff import render
from akool_pipeline.diff.contract import compare
from akool_pipeline.diff.model import Change, Direction, Severity

__all__ = ["Change", "Direction", "Severity", "compare", "render"]
