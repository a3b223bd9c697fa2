"""What all tests share: signals, one asyncio backend, and how hard hypothesis tries."""

import os
import signal

import pytest
from hypothesis import HealthCheck, Phase, settings

# A shell that runs us in the background has SIGINT ignored, and children inherit that; the tests of
# what Ctrl-C leaves behind need it as a terminal gives it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

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
