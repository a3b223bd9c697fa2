"""Runs hypothesis over a session: one violation a round, shrunk, until it finds nothing new."""

from __future__ import annotations

import math
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.errors import (
    FailedHealthCheck,
    Flaky,
    HypothesisException,
    StopTest,
    Unsatisfiable,
)
from hypothesis.internal.conjecture import engine
from hypothesis.internal.conjecture.providers import CONSTANTS_CACHE, HypothesisProvider
from hypothesis.internal.constants_ast import Constants

from akool_contract._findings.collector import FoundError, ShrunkEnough
from akool_contract._wire.errors import TargetDownError, UnusableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from akool_contract._run.run import Run

MAX_ROUNDS = 8
GENERATING = "generated tests"
"""The lane of generated tests: hypothesis has one state for all threads."""
UNHEALTHY = (
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.too_slow,
    HealthCheck.large_base_example,
    HealthCheck.nested_given,
)
"""Speed depends on the target and size on the schema: neither is a fault of a test."""
SHRINKING_S = 30.0
"""Effort that a run may spend on rounds that found something; after that one round each."""


SETTINGS = settings(
    deadline=None,
    database=None,
    print_blob=False,
    verbosity=Verbosity.quiet,
    report_multiple_bugs=False,
    suppress_health_check=UNHEALTHY,
)
"""Repeatable, without files."""


def profile(run: Run, examples: int, steps: int = 50) -> settings:
    """Settings for one exploration; it shrinks only where that is cheap."""
    phases = [Phase.explicit, Phase.generate]
    if run.can.cheap or run.can.loopback:
        phases.append(Phase.shrink)
    return settings(
        SETTINGS, max_examples=max(1, examples), stateful_step_count=steps, phases=phases
    )


def leave_no_folder() -> None:
    """Hypothesis stores tables in the current folder by default; here in the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    os.environ.setdefault(
        "HYPOTHESIS_STORAGE_DIRECTORY", str(Path(cache) / "akool-faceswap" / "hypothesis")
    )


@contextmanager
def same_everywhere() -> Iterator[None]:
    """One seed makes the same examples in every process, however fast it is.

    Hypothesis ends shrinking by the clock: here the collector ends it, by what it has asked for.

    Hypothesis also draws from the constants of loaded modules: the same run, started or installed
    in another way, would not repeat itself.
    """
    CONSTANTS_CACHE.cache.clear()
    try:
        with (
            patch.object(HypothesisProvider, "_local_constants", Constants()),
            patch.object(engine, "MAX_SHRINKING_SECONDS", math.inf),
        ):
            yield
    finally:
        CONSTANTS_CACHE.cache.clear()


def seeded(run: Run, test: Callable[..., Any]) -> Callable[..., Any]:
    """The test with the run's seed: the same seed makes the same examples."""
    return seed(run.options.seed)(test)


def explore(run: Run, test: Callable[[], None]) -> None:
    """Calls a hypothesis test until it finds nothing that is not reported yet.

    Raises:
        UnusableError: nothing could be generated, or what was generated could not be sent.
    """
    with run.sender.rounds.lane(GENERATING):
        search(run, test)


def search(run: Run, test: Callable[[], None]) -> None:
    """The same, for a caller that is in the lane already."""
    try:
        _rounds(run, test)
    finally:
        run.collector.keep()


def finds(run: Run, work: Callable[[], None]) -> bool:
    """Whether requests that were made before find what is not reported yet; the first ends them.

    What it was is kept at the end of the exploration that should follow, shrunk or as it is.
    """
    run.collector.search.raising = True
    try:
        work()
    except FoundError:
        run.collector.search.restart()
        return True
    except TargetDownError:
        run.collector.settle()
        raise
    run.collector.settle()
    return False


def _rounds(run: Run, test: Callable[[], None]) -> None:
    for _ in range(MAX_ROUNDS):
        start = run.collector.effort
        run.collector.search.raising = True
        try:
            with same_everywhere():
                test()
        except (FoundError, Flaky, ShrunkEnough) as error:
            if not run.collector.settle():
                raise UnusableError(f"generation ended early: {type(error).__name__}") from error
        except (TargetDownError, UnusableError):
            run.collector.settle()
            raise
        except (Unsatisfiable, StopTest, FailedHealthCheck) as error:
            run.collector.settle()
            reason = f"generation ended early: {type(error).__name__} {error}".strip()
            raise UnusableError(reason) from error
        except HypothesisException as error:
            # A test that cannot be called is our mistake: if ignored, it would pass every server.
            raise RuntimeError(f"a generated test does not run: {error}") from error
        else:
            run.collector.settle()
            return
        run.collector.shrinking += run.collector.effort - start
        if run.collector.shrinking > SHRINKING_S:
            return
