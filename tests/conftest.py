"""What all tests share: signals, one asyncio backend, and how hard hypothesis tries."""

import os
import shutil
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

# A shell that runs us in the background has SIGINT ignored, `nohup` SIGHUP, and children inherit
# that; the tests of what Ctrl-C and a closed terminal leave behind need both as terminals do.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# `ci` repeats itself exactly, so that a red run is red for everybody; `make nightly` looks further:
# `thorough` at every property, `nightly` at what the client makes of whatever it is sent.
settings.register_profile("ci", max_examples=100, derandomize=True, deadline=None)
for name, examples in (("thorough", 1_000), ("nightly", 10_000)):
    settings.register_profile(
        name,
        max_examples=examples,
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


NODE_TOOLS = Path(__file__).resolve().parents[1] / "scripts" / "node" / "node_modules"


@pytest.fixture
def node_tools() -> Path:
    """The locked packages from npm. In CI their absence is a fault, elsewhere a reason to skip."""
    if shutil.which("node") and (NODE_TOOLS / ".package-lock.json").exists():
        return NODE_TOOLS
    why = "needs Node.js and `make node-tests`, which installs the locked tools"
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture
def anyio_backend():
    return "asyncio"
