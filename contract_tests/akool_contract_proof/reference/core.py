"""The reference server without a socket: accounts, jobs, credits, and every operation's answer."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from akool_contract._wire.http import Request, Response
from akool_contract_proof.reference import rules
from akool_contract_proof.reference.auth import Accounts, AuthError
from akool_contract_proof.reference.detect import DetectionError, detect_faces, detect_legacy
from akool_contract_proof.reference.files import result_file
from akool_contract_proof.reference.variant import Variant

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_contract_proof.reference.auth import Account

V3, V4 = "/api/open/v3/faceswap", "/api/open/v4/faceswap"
SUBMITS = {
    f"{V3}/highquality/specifyimage": "swapImage",
    f"{V3}/highquality/specifyvideo": "swapVideo",
    f"{V4}/faceswapByImage": "swapImagePro",
    f"{V4}/faceswapPlusByImage": "swapPlus",
}
PATIENCE = "Please be patient! If your results are not generated in three hours, please check."


class BusinessError(Exception):
    """A refusal with a business code."""

    def __init__(self, code: int, msg: str) -> None:
        super().__init__(msg)
        self.code = code


@dataclass(slots=True)
class Job:
    """One submitted swap."""

    id: str
    job_id: str
    operation: str
    account: Account
    url: str
    created: float
    number: int
    price: float
    webhook: str
    fails: bool
    looks: int = 0
    announced: list[int] = field(default_factory=list)
    refunded: bool = False


class Reference:
    """`handle` answers one request. `clock` gives seconds since the epoch."""

    def __init__(
        self,
        variant: Variant | None = None,
        *,
        clock: Callable[[], float] = time.time,
        credit: float = 1_000_000.0,
    ) -> None:
        self.variant = variant or Variant()
        self.clock = clock
        self.base = "http://127.0.0.1"
        self.accounts = Accounts(self.variant, clock, credit)
        self.jobs: dict[str, Job] = {}
        self.requests = 0
        self._serial = 0
        self._lock = threading.RLock()

    # -- the door -----------------------------------------------------------------------------

    def handle(self, request: Request) -> Response:
        """The answer to one request, whatever it holds."""
        with self._lock:
            self.requests += 1
            path = request.path
            if path.startswith("/files/"):
                return self._file(path.removeprefix("/files/"))
            if path.startswith(("/faces/", "/stored/")):
                return result_file(path, "")
            if path == "/interface/detect-api/detect_faces":
                return self._missing() if self.variant.partial else self._detect(request)
            if path == "/detect":
                return self._missing() if self.variant.partial else self._legacy(request)
            return self._business(request)

    def _business(self, request: Request) -> Response:  # noqa: PLR0911 - one for each refusal
        routes: dict[tuple[str, str], Callable[[Request], dict[str, Any]]] = {
            ("GET", f"{V3}/result/listbyids"): self._list,
            ("POST", f"{V3}/result/delbyids"): self._delete,
            ("GET", f"{V3}/quota/info"): self._credit,
            ("POST", "/api/open/v3/getToken"): self._token,
        }
        for path in SUBMITS:
            routes["POST", path] = self._submit
        handler = routes.get((request.method, request.path))
        hidden = self.variant.partial and request.path not in (
            f"{V3}/highquality/specifyimage",
            f"{V3}/result/listbyids",
            f"{V3}/result/delbyids",
            f"{V3}/quota/info",
        )
        if handler is None or hidden:
            return self._missing()
        every = self.variant.rate_limit_every
        if every and self.requests % every == 0:
            return self._refuse(1005, "Operation is too frequent", self.variant.rate_status)
        try:
            return self._json(handler(request))
        except AuthError as error:
            return self._refuse(error.code, str(error), self.variant.auth_status)
        except rules.RuleError as error:
            return self._refuse(error.code, str(error))
        except BusinessError as error:
            return self._refuse(error.code, str(error))
        except json.JSONDecodeError:
            return self._refuse(1003, "Parameter error", self.variant.malformed_status)

    # -- operations ---------------------------------------------------------------------------

    def _submit(self, request: Request) -> dict[str, Any]:
        operation = SUBMITS[request.path]
        if not self.variant.auth_after_validation:
            account = self.accounts.who(request)
        body = _body(request)
        if operation == "swapImage":
            target = rules.check_v3(body, "modifyImage", self.variant)
        elif operation == "swapVideo":
            target = rules.check_v3(body, "modifyVideo", self.variant)
        elif operation == "swapImagePro":
            target = rules.check_pro(body, self.variant)
        else:
            target = rules.check_plus(body, self.variant)
        account = self.accounts.who(request)
        price = self._price(operation, target, body)
        if account.credit < price:
            raise BusinessError(1006, "Your quota is not enough")
        account.credit -= price
        job = self._new_job(operation, account, target, price, str(body.get("webhookUrl") or ""))
        data: dict[str, Any] = {"_id": job.id, "job_id": job.job_id}
        if operation in ("swapImage", "swapVideo") or self.variant.v4_url:
            data["url"] = job.url
        if self.variant.extra_fields:
            data |= {"trace": "t-1", "queue_position": 3}
        patient = operation in ("swapImage", "swapVideo")
        return {
            "code": 1000,
            "msg": PATIENCE if patient else self.variant.success_msg,
            "data": data,
        }

    def _price(self, operation: str, target: str, body: dict[str, Any]) -> float:
        prices = self.variant.prices
        if not self.variant.price_by_request:
            return prices[operation]
        video = operation == "swapPlus" and _is_video(target)
        pairs = body.get("sourceImage") or body.get("face_mapping") or [None]
        return prices["swapVideo" if video else operation] * len(pairs)

    def _new_job(
        self, operation: str, account: Account, target: str, price: float, webhook: str
    ) -> Job:
        self._serial += 1
        now = self.clock()
        stamp = datetime.fromtimestamp(now, UTC)
        video = operation == "swapVideo" or _is_video(target)
        ending = "mp4" if video else "jpg"
        base = self.variant.foreign_files or f"{self.base}/files"
        every = self.variant.fail_every
        job = Job(
            id=f"{int(now):08x}{self._serial:016x}",
            job_id=f"{stamp:%Y%m%d%H%M%S}{stamp.microsecond // 1000:03d}-{self._serial:04d}",
            operation=operation,
            account=account,
            url=f"{base}/final_{_stem(target)}-{uuid4()}-{self._serial:04d}.{ending}",
            created=now,
            number=self._serial,
            price=price,
            webhook=webhook,
            fails=bool(every) and self._serial % every == 0,
        )
        self.jobs[job.id] = job
        return job

    def status(self, job: Job) -> int:
        """The job's status now: 1 queue, 2 processing, 3 success, 4 failed."""
        steps = self.variant.polls_per_step
        if steps:
            stage = min(job.looks // steps, 2)
        else:
            age = self.clock() - job.created
            stage = (age >= self.variant.queue_s) + (
                age >= self.variant.queue_s + self.variant.processing_s
            )
        status = (1, 2, 4 if job.fails else 3)[stage]
        if status == 4 and self.variant.refund_failed and not job.refunded:  # noqa: PLR2004 - failed
            job.refunded = True
            job.account.credit += job.price
        return status

    def _list(self, request: Request) -> dict[str, Any]:
        account = self.accounts.who(request)
        ids = self._ids(dict(request.query).get("_ids"))
        if not self.variant.duplicates_twice:
            ids = list(dict.fromkeys(ids))
        jobs = [self.jobs[i] for i in ids if i in self.jobs and self.jobs[i].account is account]
        if self.variant.item_order == "reverse":
            jobs.reverse()
        for job in jobs:
            job.looks += 1
        return {"code": 1000, "msg": "OK", "data": {"result": [self._item(job) for job in jobs]}}

    def _ids(self, value: object) -> list[str]:
        if not isinstance(value, str) or not value.strip():
            raise BusinessError(1003, "Parameter cannot be empty: _ids")
        parts = value.split(",")
        return [part.strip() if self.variant.trim_ids else part for part in parts if part]

    def _item(self, job: Job) -> dict[str, Any]:
        status = self.status(job)
        item: dict[str, Any] = {"_id": job.id, "faceswap_status": status, "url": job.url}
        if self.variant.presigned:
            item["url"] += f"?Expires={int(self.clock()) + 604800}&Signature={uuid4().hex}"
        v4 = job.operation in ("swapImagePro", "swapPlus")
        if v4 and status < 3 and self.variant.pending_url != "present":  # noqa: PLR2004 - not done
            item.pop("url")
            if self.variant.pending_url == "empty":
                item["url"] = ""
        stamp = datetime.fromtimestamp(job.created, UTC)
        created = stamp.isoformat(
            timespec="seconds" if self.variant.whole_second_times else "milliseconds"
        )
        item["createdAt"] = created if self.variant.offset_times else created.replace("+00:00", "Z")
        if self.variant.minimal_items:
            return item
        item |= {"image": 1, "video_duration": 0, "deduction_duration": 0, "uid": job.account.uid}
        if self.variant.observed_items:
            item |= {"job_id": job.job_id}
            if status == 4:  # noqa: PLR2004 - failed
                item["alg_msg"] = "generate temp file error"
            return item
        item |= {"faceswap_type": 1, "faceswap_quality": 2, "deduction_status": 1}
        item |= {"update_time": 0, "userId": job.account.user_id}
        return item | ({"trace": "t-2"} if self.variant.extra_fields else {})

    def _delete(self, request: Request) -> dict[str, Any]:
        account = self.accounts.who(request)
        ids = self._ids(_body(request).get("_ids"))
        own = [i for i in dict.fromkeys(ids) if i in self.jobs and self.jobs[i].account is account]
        if len(own) < len(ids) and self.variant.unknown_delete_code != 1000:  # noqa: PLR2004 - ok
            raise BusinessError(self.variant.unknown_delete_code, "resource does not exist")
        for job_id in own:
            self.jobs.pop(job_id, None)
        return {"code": 1000, "msg": "OK"}

    def _credit(self, request: Request) -> dict[str, Any]:
        account = self.accounts.who(request)
        for job in self.jobs.values():
            self.status(job)
        credit = int(account.credit) if self.variant.integral_credit else account.credit
        return {"code": 1000, "msg": "OK", "data": {"credit": credit}}

    def _token(self, request: Request) -> dict[str, Any]:
        body = _body(request)
        client_id, secret = body.get("clientId"), body.get("clientSecret")
        answer: dict[str, Any] = {"code": 1000, "token": self.accounts.token(client_id, secret)}
        return answer | ({"msg": "OK"} if self.variant.token_with_msg else {})

    def _detect(self, request: Request) -> Response:
        try:
            self.accounts.who(request)
            return self._json(detect_faces(_body(request), self.variant, self.base))
        except AuthError as error:
            if self.variant.detect_auth_style == "envelope":
                return self._refuse(error.code, str(error), self.variant.auth_status)
            answer = {"error_code": error.code, "error_msg": str(error), "faces_obj": {}}
            return self._json(answer, self.variant.auth_status)
        except (DetectionError, rules.RuleError, json.JSONDecodeError) as error:
            answer = {"error_code": 1, "error_msg": str(error), "faces_obj": {}}
            return self._json(answer, self.variant.detect_error_status)

    def _legacy(self, request: Request) -> Response:
        try:
            if self.variant.legacy_auth:
                self.accounts.who(request)
            return self._json(detect_legacy(_body(request), self.variant))
        except AuthError as error:
            return self._refuse(error.code, str(error), self.variant.auth_status)
        except (DetectionError, rules.RuleError, json.JSONDecodeError) as error:
            return self._json({"error_code": 1, "error_msg": str(error)})

    def _file(self, name: str) -> Response:
        job = next((j for j in self.jobs.values() if j.url.endswith(name)), None)
        if job is None or self.status(job) != 3:  # noqa: PLR2004 - success
            return Response(
                self.variant.file_before_status, (("Content-Type", "text/plain"),), b"no"
            )
        if self.variant.redirected_files:
            return Response(302, (("Location", f"/stored/{name}?Signature={uuid4().hex}"),))
        return result_file(name, self.variant.file_type)

    # -- answers ------------------------------------------------------------------------------

    def _missing(self) -> Response:
        return Response(404, (("Content-Type", "text/plain"),), b"not found")

    def _refuse(self, code: int, msg: str, status: int = 200) -> Response:
        answer: dict[str, Any] = {"code": code, "msg": msg}
        if self.variant.error_data != "absent":
            answer["data"] = None if self.variant.error_data == "null" else {}
        return self._json(answer, status)

    def _json(self, value: dict[str, Any], status: int = 200) -> Response:
        text = json.dumps(
            value,
            indent=2 if self.variant.pretty_json else None,
            ensure_ascii=self.variant.ascii_json,
        )
        return Response(status, (("Content-Type", self.variant.content_type),), text.encode())

    # -- webhooks -----------------------------------------------------------------------------

    def due_webhooks(self) -> list[tuple[str, bytes]]:
        """Addresses and bodies of the messages that are due now; each is given once."""
        due: list[tuple[str, bytes]] = []
        with self._lock:
            for job in self.jobs.values() if self.variant.webhooks else ():
                ready = self.clock() - self.variant.webhook_delay_s
                if not job.webhook or ready < job.created:
                    continue
                status = self.status(job)
                reached = [2, status] if status > 2 else [status] * (status == 2)  # noqa: PLR2004
                for step in reached:
                    wanted = step > 2 or self.variant.webhook_processing  # noqa: PLR2004 - final
                    if wanted and step not in job.announced:
                        job.announced.append(step)
                        due.append((job.webhook, self._message(job, step)))
        return due

    def _message(self, job: Job, status: int) -> bytes:
        from akool_contract_proof.reference.hooks import message  # noqa: PLC0415 - needs the extra

        event: dict[str, Any] = {"_id": job.id, "status": status, "type": "faceswap"}
        event["url"] = job.url if status == 3 else ""  # noqa: PLR2004 - success
        if self.variant.webhook_deduction:
            event["deduction_credit"] = job.price
        as_number = self.variant.webhook_nonce == "number"
        return message(event, job.account, number=job.number, now=self.clock(), as_number=as_number)


def _body(request: Request) -> dict[str, Any]:
    try:
        value = json.loads(request.body.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:  # too many digits, or too deep
        raise json.JSONDecodeError(str(error), "", 0) from error
    if not isinstance(value, dict):
        raise rules.RuleError("the body must be an object")
    return value


def _stem(url: str) -> str:
    """The picture's name for use in the result's: only harmless characters."""
    name = urlsplit(url).path.rpartition("/")[2].rpartition(".")[0]
    return re.sub(r"[^A-Za-z0-9_-]", "", name)[:80]


def _is_video(url: str) -> bool:
    return urlsplit(url).path.endswith((".mp4", ".mov"))
