"""All checks, by layer. Importing this package registers them."""
# ruff: noqa: F401 - see above

from akool_contract.checks import (
    client,
    detection,
    extremes,
    files,
    generated,
    machine,
    retries,
    rules,
    webhooks,
)
from akool_contract.checks.access import auth, isolation
from akool_contract.checks.every_answer import schema, verdicts, wire
from akool_contract.checks.money import credit, quota
from akool_contract.checks.state import any_job, face_swap
