"""The blocking face is generated from the one for asyncio; what is by hand has the same names."""

import subprocess
import sys
from pathlib import Path

import pytest

from akool_faceswap._async.engine import AsyncEngine, AsyncSystemClock
from akool_faceswap._async.polling import AsyncPoller, AsyncSubscription
from akool_faceswap._sync.engine import Engine, SystemClock
from akool_faceswap._sync.polling import Poller, Subscription

ROOT = Path(__file__).resolve().parents[2]
FACES = ROOT / "client" / "akool_faceswap"
BY_HAND = {"__init__", "engine", "polling", "saving"}


def test_the_blocking_face_is_what_the_generator_makes_of_the_other():
    command = [sys.executable, ROOT / "scripts" / "twins.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_every_module_is_generated_or_written_by_hand_on_both_sides():
    sides = [{path.stem for path in (FACES / side).glob("*.py")} for side in ("_async", "_sync")]
    assert sides[0] == sides[1]
    blocking = (FACES / "_sync").glob("*.py")
    generated = {path.stem for path in blocking if path.read_text().startswith("# Generated")}
    assert sides[1] - generated == BY_HAND


@pytest.mark.parametrize(
    ("blocking", "twin"),
    [
        (Engine, AsyncEngine),
        (SystemClock, AsyncSystemClock),
        (Poller, AsyncPoller),
        (Subscription, AsyncSubscription),
    ],
)
def test_what_is_by_hand_has_the_same_methods_on_both_sides(blocking, twin):
    ours, theirs = ({name for name in dir(kind) if name[0] != "_"} for kind in (blocking, twin))
    assert ours == theirs
