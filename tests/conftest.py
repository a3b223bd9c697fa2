"""What all tests share: one asyncio backend, and how hard hypothesis tries."""

import os

import pytest
from hypothesis import HealthCheck, settings

# `ci` repeats itself exactly, so that a red run is red for everybody; `nightly` looks further.
settings.register_profile("ci", max_examples=200, derandomize=True, deadline=None)
settings.register_profile(
    "nightly",
    max_examples=10_000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture
def anyio_backend():
    return "asyncio"
