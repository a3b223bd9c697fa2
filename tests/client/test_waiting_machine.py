"""Jobs, shared poller and clock together, in virtual time: whatever happens, in whatever order.

The machine starts waits, cancels them, moves jobs along, breaks the server and lets time pass. The
vendor notes every look; after each step the promises of the poller are held against the notes.
"""

import asyncio
from collections import defaultdict
from typing import Any

import httpx2
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.client.conftest import API_KEY, LoopClock, VirtualLoop

from akool_faceswap import AkoolError, AsyncFaceSwap, JobFailed, JobTimeout, Polling

LATENCY = 0.2
POLLING = Polling(first_delay=1.0, max_delay=8.0, chunk_size=4, grace=20.0, look_timeout=5.0)


class Server(httpx2.AsyncBaseTransport):
    """Jobs that move when they are told to, and a note of every look."""

    def __init__(self, loop: Any) -> None:
        self.loop = loop
        self.status: dict[str, int | None] = {}
        self.fault: str | None = None
        self.limit: int | None = None
        self.begun: list[tuple[float, tuple[str, ...]]] = []
        self.told: dict[str, list[float]] = defaultdict(list)
        self.told_final: dict[str, float] = {}
        self.broken: list[str] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        ids = tuple(request.url.params["_ids"].split(","))
        begun = self.loop.time()
        self.begun.append((begun, ids))
        if len(set(ids)) < len(ids):
            self.broken.append(f"{ids} asks twice")
        self.broken += [
            f"{name} looked at {begun} after its end at {self.told_final[name]}"
            for name in ids
            if name in self.told_final and self.told_final[name] <= begun
        ]
        await asyncio.sleep(LATENCY)
        if self.fault == "drop":
            raise httpx2.ReadError("dropped")
        if self.fault == "busy":
            return httpx2.Response(429, headers={"retry-after": "3"})
        if self.fault == "broken":
            return httpx2.Response(200, content=b'{"code": 1000, "da')
        if self.limit is not None and len(ids) > self.limit:
            return httpx2.Response(200, json={"code": 1003, "msg": "too many", "data": None})
        return self._answer(ids, begun)

    def _answer(self, ids: tuple[str, ...], begun: float) -> httpx2.Response:
        result = []
        for name in ids:
            status = self.status.get(name)
            if status is None:
                continue
            if begun in self.told[name]:
                self.broken.append(f"{name} told twice at {begun}")
            self.told[name].append(begun)
            if status in (3, 4):
                self.told_final[name] = self.loop.time()
            result.append({"_id": name, "faceswap_status": status, "url": "https://cdn.example/x"})
        body = {"code": 1000, "msg": "OK", "data": {"result": result}}
        return httpx2.Response(200, json=body)


class Waits(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualLoop()
        self.server = Server(self.loop)
        self.client = AsyncFaceSwap(
            API_KEY,
            transport=self.server,
            clock=LoopClock(self.loop),
            polling=POLLING,
        )
        self.limited = False
        self.waits: list[dict[str, Any]] = []

    def pass_time(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    async def wait(self, note: dict[str, Any]) -> None:
        try:
            results = await self.client.wait_all(note["ids"], timeout=note["timeout"])
            note["outcome"] = [result.id for result in results]
        except AkoolError as error:
            note["outcome"] = error
        finally:
            note["ended"] = self.loop.time()

    @rule(
        numbers=st.lists(st.integers(0, 11), min_size=1, max_size=6, unique=True),
        timeout=st.sampled_from([0, 0.1, 1.5, 7.0, 60.0]),
        listed=st.booleans(),
    )
    def start(self, numbers: list[int], timeout: float, listed: bool) -> None:  # noqa: FBT001 - drawn
        # Ids that were told their end are never asked for again by anybody: take fresh ones.
        ids = [f"{number}x{len(self.waits)}" for number in numbers]
        for name in ids:
            self.server.status[name] = 1 if listed else None
        note = {"ids": ids, "timeout": timeout, "started": self.loop.time(), "outcome": None}
        note["task"] = self.loop.create_task(self.wait(note))
        self.waits.append(note)
        self.pass_time(0)

    @rule(data=st.data(), timeout=st.sampled_from([0.1, 7.0, 60.0]))
    def join(self, data: st.DataObject, timeout: float) -> None:
        """A second waiter on ids that somebody waits for already."""
        running = [note for note in self.waits if not note["task"].done()]
        if not running:
            return
        ids = data.draw(st.sampled_from(running))["ids"]
        pending = [name for name in ids if name not in self.server.told_final]
        if not pending:
            return
        note = {"ids": pending, "timeout": timeout, "started": self.loop.time(), "outcome": None}
        note["task"] = self.loop.create_task(self.wait(note))
        self.waits.append(note)
        self.pass_time(0)

    @rule(data=st.data(), status=st.sampled_from([1, 2, 3, 3, 4, 9, None]))
    def move(self, data: st.DataObject, status: int | None) -> None:
        open_ids = sorted(set(self.server.status) - set(self.server.told_final))
        if open_ids:
            self.server.status[data.draw(st.sampled_from(open_ids))] = status

    @rule(fault=st.sampled_from([None, None, "drop", "busy", "broken"]))
    def break_or_mend(self, fault: str | None) -> None:
        self.server.fault = fault

    @rule(limit=st.sampled_from([None, 1, 2, 3]))
    def limit(self, limit: int | None) -> None:
        self.server.limit = limit
        self.limited = True

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        running = [note for note in self.waits if not note["task"].done()]
        if running:
            data.draw(st.sampled_from(running))["task"].cancel()
            self.pass_time(0)

    @rule(seconds=st.sampled_from([0.05, 0.3, 1.0, 5.0, 30.0]))
    def later(self, seconds: float) -> None:
        self.pass_time(seconds)

    @invariant()
    def no_look_breaks_the_rules(self) -> None:
        assert self.server.broken == []

    @invariant()
    def nobody_waits_beyond_the_deadline_and_one_request(self) -> None:
        for note in self.waits:
            ids, deadline = set(note["ids"]), note["started"] + note["timeout"]
            # First looks are made even so, and a server that takes few ids needs many requests.
            plain = note["timeout"] > LATENCY and not self.limited
            shared = any(ids & set(other["ids"]) for other in self.waits if other is not note)
            late = [asked for begun, asked in self.server.begun if begun > deadline]
            if plain and not shared:
                assert sum(bool(ids & set(asked)) for asked in late) <= 1, note
            requests = 2 if plain else 4 + 2 * sum(len(each["ids"]) for each in self.waits)
            limit = deadline + requests * LATENCY + 1e-6
            assert note["task"].done() or self.loop.time() <= limit, note

    @invariant()
    def outcomes_are_what_the_server_said(self) -> None:
        for note in self.waits:
            outcome = note["outcome"]
            ends = {name: self.server.status[name] for name in note["ids"]}
            if isinstance(outcome, list):
                assert outcome == note["ids"]
                assert set(ends.values()) == {3}
            elif isinstance(outcome, JobFailed):
                assert ends[outcome.job_id] == 4
            elif isinstance(outcome, JobTimeout):
                assert note["ended"] >= note["started"] + note["timeout"] - 1e-6
                assert outcome.pending

    def teardown(self) -> None:
        for note in self.waits:
            note["task"].cancel()
        self.pass_time(1)
        self.loop.run_until_complete(self.client.close())
        self.loop.close()


TestWaits = Waits.TestCase
TestWaits.settings = settings(stateful_step_count=30)
