"""The surface: complete against the contract, the same for both clients, and all of it named."""

import ast
import copy
import functools
import importlib
import inspect
import pickle
import re
import subprocess
import sys
from pathlib import Path

import httpx2
import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.client.conftest import API_KEY, FACE, IMAGE, OPTS, Vendor

import akool_faceswap
from akool_faceswap import (
    AkoolError,
    AsyncFaceSwap,
    AsyncJob,
    AsyncJobResult,
    ConfigurationError,
    Face,
    FaceMapping,
    FaceSwap,
    InvalidRequestError,
    Job,
    JobResult,
    JobTimeout,
    Polling,
    RawAnswer,
    _errors,
    codes,
)
from akool_faceswap._async.raw import AsyncRaw
from akool_faceswap._core.operations import operation as known
from akool_faceswap._models.faces import landmarks
from akool_faceswap._sync.raw import Raw
from akool_openapi import load

CONTRACT = load()
OPERATIONS = {
    operation["operationId"]: (path, item.get("servers"), operation)
    for path, item in CONTRACT["paths"].items()
    for method, operation in item.items()
    if method in {"get", "post", "put", "delete", "patch"}
}
TWINS = [(FaceSwap, AsyncFaceSwap), (Job, AsyncJob), (JobResult, AsyncJobResult), (Raw, AsyncRaw)]

ROOT = Path(__file__).resolve().parents[2]


def snake(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


METHODS = {"listResults": "results", "deleteResults": "delete", "getCredit": "credit"} | {
    "getToken": "token"
}
"""Where people's method has another name than the operation."""


def test_every_operation_of_the_contract_has_a_method_in_both_clients():
    for name in OPERATIONS:
        for client, raw in ((FaceSwap, Raw), (AsyncFaceSwap, AsyncRaw)):
            assert callable(getattr(client, METHODS.get(name, snake(name))))
            assert callable(getattr(raw, snake(name)))


def test_every_operation_goes_where_the_contract_says_and_is_a_submit_if_it_starts_a_job():
    for name, (path, servers, described) in OPERATIONS.items():
        operation = known(name)
        assert operation.server == (servers or CONTRACT["servers"])[0]["url"]
        assert operation.submit == ("x-job" in described)
        secured = described.get("security", CONTRACT.get("security")) not in ([], None, [{}])
        assert operation.authorized == secured, path


def test_every_business_code_has_a_class_and_only_the_busy_one_is_repeated():
    table = {entry["code"]: entry for entry in CONTRACT["x-business-codes"]}
    assert set(codes.BY_CODE) | {codes.SUCCESS_CODE} == set(table)
    assert all(known(name).busy_codes == {1005} for name in OPERATIONS)
    busy = codes.RateLimitedError.documented_code
    assert [code for code, entry in table.items() if entry["retryable"]] == [busy]
    shared = [code for code, kind in codes.BY_CODE.items() if kind is codes.LiveAvatarError]
    assert all(table[code]["name"].startswith("LIVE_AVATAR_") for code in shared)
    alone = [kind for kind in codes.BY_CODE.values() if kind is not codes.LiveAvatarError]
    assert len(set(alone)) == len(alone) == len(table) - 1 - len(shared)


def test_every_business_code_has_advice_of_its_own():
    """But for those of live avatars: face swap never answers them, which is all there is to say."""
    advice = {}
    for entry in CONTRACT["x-business-codes"]:
        if entry["code"] != codes.SUCCESS_CODE and "LIVE_AVATAR" not in entry["name"]:
            kind = codes.BY_CODE[entry["code"]]
            assert len(kind.advice) > 20, kind
            advice.setdefault(kind.advice, set()).add(entry["meaning"])
    assert all(len(meanings) == 1 for meanings in advice.values())
    assert len(advice) == len({meaning for each in advice.values() for meaning in each})
    assert codes.UnknownCodeError.advice not in advice


@pytest.mark.parametrize(("sync", "twin"), TWINS)
def test_both_clients_have_the_same_methods_with_the_same_arguments(sync, twin):
    def public(kind):
        return {name: value for name, value in inspect.getmembers(kind) if name[0] != "_"}

    ours, theirs = public(sync), public(twin)
    assert set(ours) == set(theirs)
    for name, member in ours.items():
        if not callable(member):
            continue
        one, other = inspect.signature(member), inspect.signature(theirs[name])
        assert [
            (parameter.name, parameter.kind, parameter.default)
            for parameter in one.parameters.values()
        ] == [
            (parameter.name, parameter.kind, parameter.default)
            for parameter in other.parameters.values()
        ], name
        assert member.__doc__, name
        assert theirs[name].__doc__, name


def test_every_public_name_can_be_imported_and_nothing_else_is_promised():
    assert len(set(akool_faceswap.__all__)) == len(akool_faceswap.__all__)
    for name in akool_faceswap.__all__:
        assert getattr(akool_faceswap, name) is not None
    assert set(akool_faceswap._ELSEWHERE) < set(akool_faceswap.__all__)
    assert dir(akool_faceswap) == sorted(akool_faceswap.__all__)
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = akool_faceswap.nothing_like_it
    typed = Path(akool_faceswap.__file__).read_text(encoding="utf-8").split("__all__")[0]
    named = set(re.findall(r"^        (\w+),$", typed, re.MULTILINE))
    named |= set(re.findall(r"import (\w+(?:, \w+)*)$", typed, re.MULTILINE))
    listed = {name for names in named for name in names.split(", ")}
    assert set(akool_faceswap.__all__) - {"__version__"} <= listed


@pytest.mark.parametrize("name", ["AkoolError", "WebhookError", "JobStatus", "__version__"])
def test_a_part_costs_only_itself(name):
    code = f"import sys; from akool_faceswap import {name}; print('httpx2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


HEAVY = {
    "FaceSwap": ["asyncio", "akool_faceswap._sync.jobs"],
    "AsyncFaceSwap": ["akool_faceswap._sync", "akool_faceswap._async.jobs"],
}


@pytest.mark.parametrize("name", HEAVY)
def test_a_client_loads_with_its_first_use_what_not_every_program_uses(name):
    """Jobs, waits, files, the generated models and what they are built on."""
    heavy = [
        *HEAVY[name],
        *("akool_faceswap._core.download", "akool_faceswap._core.waiting", "akool_faceswap._media"),
        *("akool_faceswap_api.client", "akool_faceswap_api.models", "akool_faceswap_api.types"),
        *("akool_faceswap.webhooks", "akool_faceswap.cli", "attrs", "cryptography"),
    ]
    code = f"import sys; from akool_faceswap import {name}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert f"akool_faceswap.{'_async' if name.startswith('Async') else '_sync'}.client" in loaded
    assert [module for module in heavy if module in loaded] == []


def error_classes():
    found, todo = [], [AkoolError]
    while todo:
        kind = todo.pop()
        todo += kind.__subclasses__()
        if kind.__module__ in {_errors.__name__, codes.__name__}:
            found.append(kind)
    return found


def test_the_tree_in_the_docstring_is_the_tree():
    importlib.import_module("akool_faceswap.codes")
    drawn = set(re.findall(r"(?:├── |└── )?(\w+)  +[a-z]", _errors.__doc__))
    here = {kind.__name__ for kind in error_classes() if kind.__module__ == _errors.__name__}
    assert drawn == here


@pytest.mark.parametrize("kind", error_classes(), ids=lambda kind: kind.__name__)
def test_every_error_says_what_to_do_carries_its_facts_and_survives_pickling(kind):
    raw = RawAnswer(200, {}, b"{}")
    error = kind("What happened", code=1, operation="swapImage", job_id="a1", attempt=2, raw=raw)
    assert "What happened (operation swapImage, job a1, code 1, attempt 2)" in str(error)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (str(again), again.raw) == (str(error), raw)
    base = {"AkoolError", "CodeError", "ApiError", "JobError", "WebhookError"}
    told = kind.__name__ in base | {"ConfigurationError", "InvalidRequestError"}
    assert kind.advice or told, "the text must say what to do"


def test_a_timeout_keeps_its_job_but_not_in_a_pickle():
    error = JobTimeout("late", job=object(), pending=["a1"], job_id="a1")
    assert pickle.loads(pickle.dumps(error)).job is None  # noqa: S301 - our own
    assert error.job is not None


# What is sent is what the contract allows.


@functools.cache
def body_validator(operation):
    schema = OPERATIONS[operation][2]["requestBody"]["content"]["application/json"]["schema"]
    if "$ref" in schema:
        schema = CONTRACT["components"]["schemas"][schema["$ref"].split("/")[-1]]
    return schema, jsonschema_rs.validator_for({**schema, "components": CONTRACT["components"]})


urls = st.sampled_from([FACE, IMAGE, "http://x.example/a%20b?c=d"])
points = st.lists(
    st.tuples(st.integers(0, 9999), st.integers(0, 9999)), min_size=4, max_size=6
).map(lambda pairs: ":".join(f"{x},{y}" for x, y in pairs))
faces = st.builds(Face, urls, points)
webhook_urls = st.one_of(st.none(), urls)
boxes = st.one_of(st.none(), st.tuples(*[st.floats(0, 9999)] * 4))
v3 = st.integers(1, 8).flatmap(
    lambda n: st.tuples(
        st.lists(faces, min_size=n, max_size=n),
        st.lists(faces, min_size=n, max_size=n),
        urls,
        st.fixed_dictionaries({"face_enhance": st.booleans(), "webhook_url": webhook_urls}),
    )
)
pro = st.tuples(
    st.lists(faces, min_size=1, max_size=50),
    st.lists(faces, min_size=1, max_size=50),
    st.fixed_dictionaries({"face_enhance": st.booleans(), "single_face": st.booleans()}),
)
mappings = st.builds(FaceMapping, urls, urls, boxes, boxes)
plus = st.tuples(
    urls,
    urls,
    st.fixed_dictionaries(
        {
            "mapping": st.one_of(st.none(), st.lists(mappings, min_size=1, max_size=8)),
            "model_style": st.sampled_from(["realistic", "beautify", "lossless"]),
            "webhook_url": webhook_urls,
        }
    ),
)
detect = st.fixed_dictionaries(
    {"frames": st.integers(1, 100), "crops": st.booleans(), "single_face": st.booleans()}
)
REQUESTS = {
    "swapImage": ("swap_image", v3),
    "swapVideo": ("swap_video", v3),
    "swapImagePro": ("swap_image_pro", pro),
    "swapPlus": ("swap_plus", plus),
    "detectFaces": ("detect_faces", st.tuples(urls, detect)),
    "deleteResults": ("delete", st.tuples(st.just(["a1", "b2"]), st.just({}))),
}


@pytest.mark.parametrize("operation", REQUESTS)
@given(data=st.data())
def test_whatever_is_asked_for_is_sent_as_the_contract_has_it(operation, data):
    method, strategy = REQUESTS[operation]
    *arguments, options = data.draw(strategy)
    vendor = Vendor()
    with FaceSwap(API_KEY, transport=httpx2.MockTransport(vendor)) as client:
        getattr(client, method)(*arguments, **options)
    schema, validator = body_validator(operation)
    validator.validate(vendor.body)
    assert set(vendor.body) <= set(schema["properties"])
    assert vendor.requests[0].url.path == OPERATIONS[operation][0]


@given(points)
def test_landmarks_are_cut_to_four_points_in_either_shape(text):
    four = ":".join(text.split(":")[:4])
    assert landmarks(text) == landmarks([text]) == Face(FACE, text).opts == four


@pytest.mark.parametrize(
    "wrong",
    ["", "1,2:3,4:5,6", "a", [OPTS, OPTS], [], None, 7, "1;2", f"{OPTS}:", [[1, 2]], OPTS + "\n"],
)
def test_what_is_not_one_faces_landmarks_is_refused(wrong):
    with pytest.raises(InvalidRequestError):
        landmarks(wrong)


@given(st.one_of(st.text(), st.none(), st.integers(), st.binary()))
def test_a_path_is_a_web_address_or_refused(path):
    try:
        face = Face(path)
    except InvalidRequestError:
        return
    # Bytes are a file, which is looked at before it is uploaded.
    assert face.path.startswith(("http://", "https://")) or isinstance(path, bytes)


def test_no_call_waits_for_ever_unless_asked_to(both, vendor, tmp_path):
    async def scenario(client, **timeout):
        await client.credit(**timeout)
        await client.detect_faces(IMAGE, **timeout)
        job = await client.swap_image(FACE, FACE, IMAGE, **timeout)
        await job.status(**timeout)
        await client.results([job.id], **timeout)
        await client.delete([job.id], **timeout)
        await (await job.wait(**timeout)).save(tmp_path / "x", **timeout)

    def limits():
        every = [request.extensions["timeout"] for request in vendor.requests]
        vendor.requests.clear()
        return {value for each in every for value in each.values()}

    both.run(vendor, scenario)
    assert None not in limits()
    both.run(vendor, lambda client: client.credit(timeout=None))
    assert limits() == {None}
    both.run(vendor, lambda client: client.credit(timeout=3))
    assert limits() == {3.0}
    both.run(vendor, lambda client: client.credit(), timeout=None)
    assert limits() == {None}


def test_a_call_that_drips_ends_at_its_deadline(both):
    def server(_request):
        def drip():
            while True:
                both.clock.passed += 1
                yield b" "

        class Body(httpx2.SyncByteStream, httpx2.AsyncByteStream):
            def __iter__(self):
                return drip()

            async def __aiter__(self):
                for chunk in drip():
                    yield chunk

        return httpx2.Response(200, stream=Body())

    with pytest.raises(TimeoutError, match="No answer in time"):
        both.run(server, lambda client: client.credit(timeout=30))
    assert both.clock.passed <= 32


def test_the_hook_hears_of_every_attempt_and_cannot_break_a_call(both, vendor, caplog):
    heard = []

    def hook(attempt):
        heard.append(attempt)
        raise ValueError("a hook with a bug")

    vendor.script.extend([httpx2.ConnectError("refused"), httpx2.Response(503)])
    assert both.run(vendor, lambda client: client.credit(), on_attempt=hook) == 12.5
    assert [(a.operation, a.number, a.method, a.status, a.pause is None) for a in heard] == [
        ("getCredit", 1, "GET", None, False),
        ("getCredit", 2, "GET", 503, False),
        ("getCredit", 3, "GET", 200, True),
    ]
    assert "on_attempt hook raised" in caplog.text


@pytest.mark.parametrize(("level", "lines"), [("debug", 2), ("info", 1), ("", 0), ("loud", 0)])
def test_one_environment_variable_switches_logging_on(level, lines):
    code = """
import httpx2
from akool_faceswap import FaceSwap
answers = [httpx2.Response(503), httpx2.Response(200, json={"code": 1000, "data": {"credit": 1}})]
transport = httpx2.MockTransport(lambda _request: answers.pop(0))
with FaceSwap("api-key-0123456789", transport=transport) as client:
    client.credit()
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"AKOOL_LOG": level, "PATH": ""},
    )
    ours = [line for line in done.stderr.splitlines() if " akool_faceswap " in line]
    assert len(ours) == lines
    assert "api-key" not in done.stderr


def test_an_error_about_one_job_names_it(both, vendor):
    for method in ("status", "delete"):
        vendor.script.append(httpx2.Response(404))
        with pytest.raises(AkoolError) as caught:
            both.run(vendor, lambda client, name=method: getattr(client.job("a1"), name)())
        assert caught.value.job_id == "a1"


@pytest.mark.parametrize("kind", [FaceSwap, AsyncFaceSwap])
@pytest.mark.parametrize(
    ("sync", "twin"),
    [
        ({"http_client": httpx2.Client()}, {"http_client": httpx2.AsyncClient()}),
        ({"transport": httpx2.HTTPTransport()}, {"transport": httpx2.AsyncHTTPTransport()}),
    ],
)
def test_what_belongs_to_the_other_client_is_refused_with_its_name(kind, sync, twin):
    fits, wrong = (sync, twin) if kind is FaceSwap else (twin, sync)
    kind(API_KEY, **fits)
    other = "AsyncFaceSwap" if kind is FaceSwap else "FaceSwap"
    with pytest.raises(ConfigurationError, match=rf"{next(iter(wrong))} .* {other}$"):
        kind(API_KEY, **wrong)


@pytest.mark.parametrize("wrong", [object(), "https://proxy.example", httpx2.Client])
@pytest.mark.parametrize("kind", [FaceSwap, AsyncFaceSwap])
def test_a_transport_that_is_none_is_refused(kind, wrong):
    with pytest.raises(ConfigurationError, match="transport must be an httpx2"):
        kind(API_KEY, transport=wrong)


def test_a_client_of_the_wrong_sort_is_refused_before_it_can_spend(vendor):
    transport = httpx2.MockTransport(vendor)
    for settings in (
        {"http_client": httpx2.AsyncClient()},
        {"http_client": object()},
        {"http_client": httpx2.Client(transport=transport), "transport": transport},
    ):
        with pytest.raises(ConfigurationError, match="http_client"):
            FaceSwap(API_KEY, **settings)


@pytest.mark.parametrize(
    "wrong", [{"chunk_size": 0}, {"first_delay": 0}, {"factor": 0.5}, {"max_delay": 0.1}]
)
def test_polling_without_a_pause_is_refused(wrong):
    with pytest.raises(ConfigurationError, match="Polling needs"):
        Polling(**wrong)


def test_what_a_call_gives_survives_pickling_and_copying(vendor):
    with FaceSwap(API_KEY, transport=httpx2.MockTransport(vendor)) as client:
        given = [client.credit(), client.detect_faces(IMAGE), *client.results(["a1"])]
    for value in given:
        for again in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value)):  # noqa: S301 - our own
            assert again == value
            assert again.raw == value.raw


@pytest.mark.parametrize("kind", [FaceSwap, AsyncFaceSwap])
@pytest.mark.parametrize(
    "wrong",
    [
        {"timeout": -1},
        {"timeout": "60"},
        {"retry": 3},
        {"polling": {"first_delay": 1}},
        {"on_attempt": "print"},
    ],
)
def test_a_setting_of_the_wrong_kind_is_refused_at_construction(kind, wrong):
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        kind(API_KEY, **wrong)


async def listen(_state):
    """A callback as people write it who think that it is awaited."""


@pytest.mark.parametrize("wrong", [listen, "print"])
def test_a_callback_that_would_never_run_is_refused(both, vendor, tmp_path, wrong):
    async def scenario(client):
        job = client.job("a1")
        for call in (
            lambda: job.wait(on_update=wrong),
            lambda: client.wait_all([job], on_update=wrong),
        ):
            with pytest.raises(InvalidRequestError, match="on_update is called, not awaited"):
                await call()
        with pytest.raises(InvalidRequestError, match="on_update is called, not awaited"):
            [done async for done in client.as_completed([job], on_update=wrong)]
        assert vendor.requests == []
        result = await job.wait()
        with pytest.raises(InvalidRequestError, match="progress is called, not awaited"):
            await result.save(tmp_path / "x", progress=wrong)

    both.run(vendor, scenario)
    assert list(tmp_path.iterdir()) == []


def test_a_hook_that_would_never_run_is_refused():
    with pytest.raises(ConfigurationError, match="on_attempt is called, not awaited"):
        AsyncFaceSwap(API_KEY, on_attempt=listen)


@pytest.mark.parametrize("package", ["client/akool_faceswap", "mock/akool_mock"])
def test_type_checkers_do_not_see_the_lazy_getattr(package):
    """It would make every misspelt import an `Any`; what they see are the names of `__all__`."""
    module = ast.parse((ROOT / package / "__init__.py").read_text("utf-8"))
    assert not [
        n for n in module.body if isinstance(n, ast.FunctionDef) and n.name == "__getattr__"
    ]


def test_a_misspelt_import_is_an_error_to_mypy(tmp_path):
    snippet = tmp_path / "snippet.py"
    snippet.write_text("from akool_faceswap import Facesap, FaceSwap\n")
    cache = f"--cache-dir={ROOT / '.mypy_cache' / 'users'}"
    command = [sys.executable, "-m", "mypy", cache, "--config-file=", str(snippet)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert '"Facesap"' in done.stdout, done
    assert done.stdout.count("error:") == 1
