"""Every choice that the vendor's pages leave open, and its default.

One frozen value; the control plane and scenario files change it field by field. What each unknown
is, and why the default was chosen, is in docs/mock.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


CLIENT_ID = "bW9jay1jbGllbnQtaWQtMDE="
"""Default clientId: 24 characters, the shape of a real one, and base64 for what it is."""
API_KEY = "bW9jay1hcGkta2V5LW5vdC1zZWNyZXQh"
"""Default API key, which is the clientSecret and the webhook key too: 32 characters."""

GIB = 1 << 30
_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    tuple: "a list",
}


class MockError(Exception):
    """Raised if you use this package wrongly. The message says what to do instead."""


class Preset(NamedTuple):
    """One setting in which what was observed and what is documented differ."""

    documented: Any
    observed: Any


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "accept_any_key": Preset(documented=False, observed=True),
        "extra_fields": Preset(documented=False, observed=True),
        "single_face_text": Preset(documented=False, observed=True),
        "single_face_optional": Preset(documented=False, observed=True),
        "six_points": Preset(documented=False, observed=True),
        "open_operations": Preset(documented=(), observed=("detectFacesLegacy",)),
        "cors": Preset(documented=(), observed=("*",)),
    }
)
"""All that `Settings.documented()` and `Settings.observed()` differ in; docs/mock.md says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the simulator behaves where the vendor's pages say nothing.

    Attributes:
        client_id: clientId of the first account.
        api_key: its API key, clientSecret and webhook key; 16, 24 or 32 characters, because it is
            an AES key.
        accept_any_key: accept any key or token, as the first account's.
        credits: credits of an account at the start.
        prices: credits per submit, by operationId; default: the contract's (`x-price`). A video
            costs this for each `video_price_s` that it begins.
        video_price_s: seconds of video for one price.
        queue_s: seconds of mock time in state 1.
        processing_s: seconds of mock time in state 2.
        failure_rate: share of jobs that end in state 4, drawn from the seed.
        failure_text: what `alg_msg` says about them.
        extra_fields: add the fields that were observed but not documented (`job_id`, `alg_msg`,
            `deduction_credit`).
        rate_limit: requests that an account may make in `rate_window_s`; 0: no limit.
        rate_window_s: window of the rate limit, in seconds.
        max_faces: faces that one V3 or Plus request may have; above it, 1007.
        token_s: lifetime of a getToken token, in seconds ("more than one year").
        result_s: lifetime of a result file, in seconds (seven days).
        expired_status: HTTP status of an expired result file.
        error_status: HTTP status of business errors, by code; 200 for all others.
        faces: faces that detection finds; 0 for none.
        image_size: size of a result picture if its URL does not say one.
        video_size: size of a result video if its URL does not say one.
        video_s: length of a video, in seconds, if its URL does not say one.
        result_base: URL before the result's file name; empty: the simulator's own.
        single_face_text: `/detect` returns `landmarks_str` as a string if the request asks for a
            single face.
        single_face_optional: `/detect` accepts requests without `single_face`, as if it were
            false.
        six_points: accept `opts` with six points, and use the first four.
        open_operations: operationIds that need no valid credentials.
        cors: origins whose pages may call the API; `*` for any. They may never call the control
            plane.
        trust_proxy: trust `X-Forwarded-Proto` and `X-Forwarded-Host` from proxies on loopback.
        host_names: more host names that the API answers to, besides loopback and the contract's;
            `*` for any.
        webhook_to: send every webhook to this URL; a header has the URL that the request named.
        webhook_hosts: more hosts that may receive webhooks, besides loopback.
        webhook_retry_s: seconds before each retry, one number for each.
        webhook_timeout_s: timeout for a receiver's answer, in seconds.
        max_body: largest request body, in bytes; above it, 413.
        idle_s: real seconds after which an idle connection is closed; 0: never.
        max_jobs: jobs kept. Above it, the oldest are forgotten.
        journal: requests kept in the journal.
        webhook_log: webhooks kept in the log.
        control: serve the control plane.
    """

    client_id: str = CLIENT_ID
    api_key: str = API_KEY
    accept_any_key: bool = False
    credits: float = 1000.0
    prices: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    video_price_s: float = 10.0
    queue_s: float = 1.0
    processing_s: float = 2.0
    failure_rate: float = 0.0
    failure_text: str = "generate temp file error"
    extra_fields: bool = False
    rate_limit: int = 0
    rate_window_s: float = 1.0
    max_faces: int = 8
    token_s: float = 400 * 86_400.0
    result_s: float = 7 * 86_400.0
    expired_status: int = 404
    error_status: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    faces: int = 1
    image_size: tuple[int, int] = (1024, 768)
    video_size: tuple[int, int] = (320, 240)
    video_s: float = 5.0
    result_base: str = ""
    single_face_text: bool = True
    single_face_optional: bool = True
    six_points: bool = False
    open_operations: tuple[str, ...] = ("detectFacesLegacy",)
    cors: tuple[str, ...] = ()
    trust_proxy: bool = False
    host_names: tuple[str, ...] = ()
    webhook_to: str = ""
    webhook_hosts: tuple[str, ...] = ()
    webhook_retry_s: tuple[float, ...] = (1.0, 5.0, 30.0, 120.0, 600.0)
    webhook_timeout_s: float = 10.0
    max_body: int = 10 << 20
    idle_s: float = 75.0
    max_jobs: int = 2_000_000
    journal: int = 1000
    webhook_log: int = 1000
    control: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot work, by name."""
        for name in (
            "queue_s",
            "processing_s",
            "credits",
            "video_s",
            "token_s",
            "result_s",
            "idle_s",
        ):
            if not 0 <= getattr(self, name) < GIB * GIB:
                raise MockError(f"setting {name}: not a number from 0 up: {getattr(self, name)}")
        if not 0 <= self.failure_rate <= 1:
            raise MockError(f"setting failure_rate: a share from 0 to 1, not {self.failure_rate}")
        for name in ("journal", "webhook_log", "rate_limit"):
            if getattr(self, name) < 0:
                raise MockError(f"setting {name}: from 0 up, not {getattr(self, name)}")
        for name in (
            "max_jobs", "max_body", "video_price_s", "rate_window_s", "max_faces",
            "webhook_timeout_s",
        ):  # fmt: skip
            if not getattr(self, name) > 0:
                raise MockError(f"setting {name}: must be above 0, not {getattr(self, name)}")

        self._check_media()
        self._check_webhooks()
        for status in (self.expired_status, *self.error_status.values()):
            if not 200 <= status <= 599:  # noqa: PLR2004 - HTTP
                raise MockError(f"settings *_status: an HTTP status from 200 to 599, not {status}")

    def _check_media(self) -> None:
        sizes = (*self.image_size, *self.video_size)
        if len(sizes) != 4 or not all(isinstance(x, int) and 1 <= x <= 4096 for x in sizes):  # noqa: PLR2004 - two pairs of pixels
            raise MockError("settings image_size, video_size: two whole numbers from 1 to 4096")
        if not 0 <= self.faces <= 50:  # noqa: PLR2004 - as the directive
            raise MockError(f"setting faces: from 0 to 50, not {self.faces}")

    def _check_webhooks(self) -> None:
        if not all(isinstance(x, int | float) and x >= 0 for x in self.webhook_retry_s):
            raise MockError("setting webhook_retry_s: numbers from 0 up")
        for name in ("webhook_hosts", "host_names", "cors", "open_operations"):
            if not all(isinstance(x, str) and x for x in getattr(self, name)):
                raise MockError(f"setting {name}: a list of texts")
        if self.webhook_to and not self.webhook_to.startswith(("http://", "https://")):
            raise MockError(f"setting webhook_to: an http or https address, not {self.webhook_to}")

    @classmethod
    def observed(cls) -> Settings:
        """As the vendor's servers were observed: for programs that already work with them."""
        return cls(**{name: preset.observed for name, preset in PRESETS.items()})

    @classmethod
    def documented(cls) -> Settings:
        """Exactly as the vendor's pages say: for new programs."""
        return cls(**{name: preset.documented for name, preset in PRESETS.items()})

    @classmethod
    def preset(cls, name: str) -> Settings:
        """The settings of a preset, by name; an empty name: the defaults.

        Raises:
            MockError: there is no such preset.
        """
        if name not in {"", "observed", "documented"}:
            raise MockError(f"no preset {name!r}; there are: observed, documented")
        if not name:
            return cls()
        return cls.observed() if name == "observed" else cls.documented()

    def changed(self, values: Mapping[str, Any]) -> Settings:
        """The same settings with some replaced; values as JSON has them.

        Raises:
            MockError: a name is unknown or a value is of the wrong type.
        """
        known = {item.name: getattr(self, item.name) for item in fields(self)}
        return replace(
            self, **{name: _coerced(name, value, known) for name, value in values.items()}
        )

    def as_json(self) -> dict[str, Any]:
        """The settings as JSON, without the credentials."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        del values["client_id"], values["api_key"]
        return {
            # JSON has no keys but text; `changed` makes numbers of them again.
            name: {str(key): item for key, item in value.items()}
            if isinstance(value, MappingProxyType)
            else value
            for name, value in values.items()
        }


def changes(texts: Iterable[str]) -> dict[str, Any]:
    """Settings as they are written on a command line, `NAME=VALUE` with the value as JSON or text.

    Raises:
        MockError: one is not of that form.
    """
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise MockError(f"--set {text}: write NAME=VALUE")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


def _coerced(name: str, value: object, known: Mapping[str, Any]) -> Any:  # noqa: ANN401 - typed by the field
    if name not in known:
        raise MockError(f"no setting named {name!r}; there are: {', '.join(sorted(known))}")
    now = known[name]
    match now:
        case bool():
            good = isinstance(value, bool)
        case int():
            good = isinstance(value, int) and not isinstance(value, bool)
        case float():
            good = isinstance(value, int | float) and not isinstance(value, bool)
            value = float(value) if good else value  # type: ignore[arg-type]
        case str():
            good = isinstance(value, str)
        case tuple():
            good = isinstance(value, list | tuple)
            value = tuple(value) if good else value  # type: ignore[arg-type]
        case _:
            good = isinstance(value, dict | MappingProxyType)
            value = _numbers(name, value) if good else value  # type: ignore[arg-type]
    if not good:
        kind = _KINDS.get(type(now), "an object of numbers")
        raise MockError(f"setting {name}: {kind} is needed, not {value!r}")
    return value


def _numbers(name: str, value: Mapping[Any, Any]) -> Mapping[Any, Any]:
    try:
        if name == "error_status":
            return MappingProxyType({int(key): int(item) for key, item in value.items()})
        return MappingProxyType({str(key): float(item) for key, item in value.items()})
    except (TypeError, ValueError) as error:
        raise MockError(f"setting {name}: {error}") from None
