"""What all tests share: one asyncio backend, and how hard hypothesis tries."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

# `ci` repeats itself exactly, so that a red run is red for everybody; `nightly` looks further.
settings.register_profile("ci", max_examples=200, derandomize=True, deadline=None)
settings.register_profile(
    "nightly",
    max_examples=10_000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# For work on a test: says that it fails, and does not search for the smallest way to.
settings.register_profile(
    "quick",
    max_examples=50,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture
def anyio_backend():
    return "asyncio"
