"""Several checks side by side, in rounds, so that their waits overlap.

Every check has its own thread, and only one of them runs at any time, until it sends a request or
waits. Once all of them do, their requests are sent at once, and then each continues in its turn. So
what happens depends on the answers alone, not on which of them came first: a recording repeats it.

A lane is for what must not overlap: only one check at a time is in it, or several that do the same.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from akool_contract._target.clock import Clock, Pace
    from akool_contract._target.target import Target
    from akool_contract._wire.http import Exchange, Request, Response

    Note = Callable[[Request, Response, float, int], Exchange]
    """Counts one answered request: its answer, the seconds that it took, and the round's number."""


class StoppedError(BaseException):
    """Ends the running checks when the run ends. Checks do not catch it."""


@dataclass(eq=False, slots=True)
class _Strand:
    """One check and its thread."""

    work: Callable[[], None]
    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    ready: bool = True
    ended: bool = False
    started: bool = False
    asked: Sequence[Request] = ()
    aside: Callable[[], None] | None = None
    """Work that touches nothing of the run, to be done while the server answers."""
    answers: list[Exchange] = field(default_factory=list)
    working: Future[None] | None = None
    due: float | None = None
    """When it wants to go on, by the target's clock."""
    error: BaseException | None = None
    parts: Sequence[_Strand] = ()
    """What it has begun side by side and waits for."""


@dataclass(slots=True)
class _Lane:
    inside: dict[_Strand, int] = field(default_factory=dict)
    """Who is in it, and how many times each has entered."""
    kind: str = ""
    """What they do; empty: what one does alone."""
    opened: int = 0
    """The last round before they entered: whoever does the same may join them until the next."""
    queue: deque[tuple[_Strand, str]] = field(default_factory=deque)
    late: deque[tuple[_Strand, str]] = field(default_factory=deque)
    """Who enters when nobody else wants to."""

    def takes(self, kind: str, number: int) -> bool:
        """Whether somebody may enter now, before the next round."""
        together = bool(kind) and kind == self.kind and number == self.opened
        return not self.inside or together

    def open(self, kind: str, number: int) -> None:
        """The first enters."""
        self.kind, self.opened = kind, number

    def hand_over(self, number: int) -> None:
        """All have left: the one who waits longest enters, with all who wait to do the same."""
        waiting = self.queue or self.late
        if not waiting:
            return
        first, kind = waiting.popleft()
        self.open(kind, number)
        entering = [first, *(one for one, wanted in self.queue if kind and wanted == kind)]
        self.queue = deque(pair for pair in self.queue if pair[0] not in entering)
        for strand in entering:
            self.inside[strand], strand.ready = 0, True


class Rounds:
    """Sends requests: at once what is asked at once, one after the other what is not."""

    def __init__(  # noqa: PLR0913, PLR0917 - what sending needs
        self,
        target: Target,
        clock: Clock,
        pace: Pace,
        note: Note,
        lasting: Callable[[Request, Iterable[Request]], bool],
        most: int,
    ) -> None:
        self._target, self._clock, self._pace = target, clock, pace
        self._note, self._lasting = note, lasting
        self.most = max(1, most)
        """Most requests in flight at once."""
        self._pool: ThreadPoolExecutor | None = None
        self._number = 0
        self._mine = threading.local()
        self._back = threading.Semaphore(0)
        self._strands: list[_Strand] = []
        self._lanes: dict[str, _Lane] = defaultdict(_Lane)
        self._stopped = False

    @property
    def running(self) -> bool:
        """Whether this is one of several checks that run side by side."""
        return self._strand is not None

    # -- what checks call ---------------------------------------------------------------------

    def exchange(self, requests: Sequence[Request]) -> list[Exchange]:
        """Sends these at once, with the requests of other checks; returns the answers in order."""
        strand = self._strand
        if strand is None or not requests:
            return self._send([requests])[0] if requests else []
        strand.asked = requests
        self._pause(strand)
        return strand.answers

    def beside(self, work: Callable[[], None]) -> None:
        """Does long work while the server answers the others; it must not touch the run."""
        strand = self._strand
        if strand is None:
            work()
            return
        strand.aside = work
        self._pause(strand)
        if strand.working is not None:
            strand.working.result()

    def wait(self, seconds: float) -> None:
        """Lets time pass for this check; others go on."""
        strand = self._strand
        if strand is None:
            self._target.wait(seconds)
            return
        strand.due = self._clock.now() + seconds
        self._pause(strand)

    @contextmanager
    def lane(self, name: str, kind: str = "", *, late: bool = False) -> Iterator[None]:
        """Inside are only checks that do the same `kind` of thing, or one alone if that is empty.

        A check may enter its lane again. One that stays long is `late`: it lets others go first.
        """
        strand = self._strand
        if strand is None or not name:
            yield
            return
        lane = self._lanes[name]
        if strand not in lane.inside:
            if not lane.takes(kind, self._number):
                (lane.late if late else lane.queue).append((strand, kind))
                self._pause(strand)  # until it is handed over
            elif not lane.inside:
                lane.open(kind, self._number)
        lane.inside[strand] = lane.inside.get(strand, 0) + 1
        try:
            yield
        finally:
            lane.inside[strand] -= 1
            if not lane.inside[strand]:
                del lane.inside[strand]
                if not lane.inside:
                    lane.hand_over(self._number)

    @property
    def batch(self) -> int:
        """How many requests one check sends at once: it leaves room for the others."""
        return max(1, self.most * 2 // 3)

    def slower(self) -> None:
        """The server says that requests come too often: half as many at once from now on."""
        self.most = max(1, self.most // 2)

    # -- the threads --------------------------------------------------------------------------

    @property
    def _strand(self) -> _Strand | None:
        """The check that runs in this thread; None outside `run`."""
        return getattr(self._mine, "strand", None)

    def _pause(self, strand: _Strand) -> None:
        if self._stopped:
            raise StoppedError
        strand.ready = False
        self._back.release()
        strand.go.acquire()
        if self._stopped:
            raise StoppedError

    def _begin(self, strand: _Strand) -> None:
        self._mine.strand = strand
        try:
            strand.work()
        except BaseException as error:  # noqa: BLE001 - it is raised again where `run` was called
            strand.error = error
        finally:
            strand.ended = True
            self._back.release()

    def _resume(self, strand: _Strand) -> None:
        if strand.started:
            strand.go.release()
        else:
            strand.started = True
            threading.Thread(target=self._begin, args=(strand,), daemon=True).start()
        self._back.acquire()
        if strand.error is not None:
            raise strand.error

    def run(self, works: Sequence[Callable[[], None]]) -> None:
        """Runs these side by side, to their end; raises what the first of them raises.

        In a check that runs beside others these are parts of it, beside the others too.
        """
        strands = [_Strand(work) for work in works]
        if self._strand is None:
            self._strands = strands
            self._all()
            return
        self._strands += strands
        self._strand.parts = strands
        self._pause(self._strand)

    def _all(self) -> None:
        running: _Strand | None = None
        try:
            while alive := [strand for strand in self._strands if not strand.ended]:
                for strand in alive:
                    if strand.parts and all(part.ended for part in strand.parts):
                        strand.parts, strand.ready = (), True
                running = next((strand for strand in alive if strand.ready), None)
                if running is None:
                    self._turn(alive)
                else:
                    self._resume(running)
        except BaseException:
            self._stop(running)
            raise
        finally:
            self._lanes.clear()

    def _stop(self, running: _Strand | None) -> None:
        """Ends the threads. `running` may not have come back, when Ctrl-C interrupted us."""
        self._stopped = True
        try:
            if running is not None and not running.ended and running.ready:
                self._back.acquire()
            for strand in self._strands:
                if strand.started and not strand.ended:
                    strand.go.release()
                    self._back.acquire()
        finally:
            self._stopped = False

    def _turn(self, alive: list[_Strand]) -> None:
        """All checks have a request or wait: sends the requests, or lets time pass."""
        asking = [strand for strand in alive if strand.asked]
        aside = [strand for strand in alive if strand.aside]
        for strand in aside:
            strand.working = strand.aside and self._workers.submit(strand.aside)
        sleeping = [strand for strand in alive if strand.due is not None]
        if asking:
            answers = self._send([strand.asked for strand in asking])
            for strand, found in zip(asking, answers, strict=True):
                strand.answers, strand.asked, strand.ready = found, (), True
        wait_for(strand.working for strand in aside if strand.working)
        for strand in aside:
            strand.aside, strand.ready = None, True
        now = self._clock.now() if sleeping else 0.0
        if not asking and not aside:
            first = min(strand.due for strand in sleeping if strand.due is not None)
            if first > now:
                self._target.wait(first - now)
                now = max(first, self._clock.now())
        for strand in sleeping:
            if strand.due is not None and strand.due <= now:
                strand.due, strand.ready = None, True

    # -- the wire -----------------------------------------------------------------------------

    def _send(self, groups: Sequence[Sequence[Request]]) -> list[list[Exchange]]:
        """Sends all of them; what changes something that others look at waits for their answers.

        So no answer about a job depends on whether it is deleted meanwhile.
        """
        self._number += 1
        flat = [request for group in groups for request in group]
        lasting = [
            len(groups) > 1
            and self._lasting(request, (o for g in groups if g is not group for o in g))
            for group in groups
            for request in group
        ]
        found: dict[int, tuple[Response, float]] = {}
        for late in (False, True):
            places = [place for place, one in enumerate(lasting) if one is late]
            found |= zip(places, self._together([flat[place] for place in places]), strict=True)
        noted = iter(
            [self._note(flat[place], *found[place], self._number) for place in range(len(flat))]
        )
        return [[next(noted) for _ in group] for group in groups]

    def _together(self, requests: list[Request]) -> list[tuple[Response, float]]:
        if not self._target.concurrent or len(requests) == 1:
            return [self._timed(request) for request in self._paced(requests)]
        waiting: list[Future[tuple[Response, float]]] = []
        for request in self._paced(requests):
            if len(waiting) >= self.most:
                waiting[-self.most].result()  # all before it have ended, too
            waiting.append(self._workers.submit(self._timed, request))
        return [future.result() for future in waiting]

    @property
    def _workers(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.most + 1, "akool-send")
        return self._pool

    def _paced(self, requests: list[Request]) -> Iterator[Request]:
        for request in requests:
            self._pace.hold()
            yield request

    def _timed(self, request: Request) -> tuple[Response, float]:
        start = time.perf_counter()
        return self._target.send(request), time.perf_counter() - start

    def close(self) -> None:
        """Ends the threads that send."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
