"""Parameters: what breaks a rule is named, whatever arrives is answered."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import akool_openapi
from akool_mock import MockServer, Request, Response

CONTRACT = akool_openapi.load()
OPERATIONS = [
    (method.upper(), path)
    for path, item in CONTRACT["paths"].items()
    for method in ("get", "post")
    if method in item
]


def refused(answer):
    assert answer["code"] == 1003, answer
    return answer["msg"]


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"modifyImage": None}, "modifyImage", "string"),
        ({"modifyImage": "ftp://example.com/a"}, "modifyImage", "match"),
        ({"face_enhance": True}, "face_enhance", "not"),
        ({"face_enhance": 2}, "face_enhance", "0 or 1"),
        ({"sourceImage": []}, "sourceImage", "[]"),
        ({"sourceImage": [{"path": "x"}]}, "sourceImage[0].path", "match"),
        ({"targetImage": [{}]}, "targetImage[0]", "path"),
        ({"webhookUrl": "mailto:a@b.c"}, "webhookUrl", "match"),
        ({"targetImage": "https://example.com/a"}, "targetImage", "array"),
    ],
)
def test_a_bad_field_is_named_with_its_rule(api, change, field, rule):
    message = refused(api.post(api.IMAGE, {**api.image(), **change}))
    assert field in message
    assert rule in message


@pytest.mark.parametrize("field", ["sourceImage", "targetImage", "modifyImage"])
def test_a_missing_field_is_named(api, field):
    body = api.image()
    del body[field]
    assert field in refused(api.post(api.IMAGE, body))


def test_opts_must_be_four_points(api):
    six = ":".join(["1,2"] * 6)
    for opts in (six, "1,2:3,4", "a,b:c,d:e,f:g,h"):
        assert "sourceImage[0].opts" in refused(
            api.post(api.IMAGE, {**api.image(), "sourceImage": [api.face(opts)]})
        )
    points = [[1, 2]] * 4
    body = {**api.image(), "sourceImage": [{**api.face(), "opts": points}]}
    assert "sourceImage[0].opts" in refused(api.post(api.IMAGE, body))


@pytest.mark.parametrize("operation", ["IMAGE", "VIDEO", "PRO"])
def test_opts_are_required_on_every_element_of_many(api, operation):
    path = getattr(api, operation)
    faces = [api.face(api.OPTS), api.face()]
    body = {**api.bodies()[path], "sourceImage": [faces[0]] * 2, "targetImage": faces}
    assert "targetImage[1].opts" in refused(api.post(path, body))
    assert api.submit({**body, "targetImage": [faces[0]] * 2}, path)


@pytest.mark.parametrize("operation", ["IMAGE", "VIDEO"])
def test_source_and_target_faces_are_aligned(api, operation):
    path = getattr(api, operation)
    one, two = [api.face(api.OPTS)], [api.face(api.OPTS)] * 2
    message = refused(
        api.post(path, {**api.bodies()[path], "sourceImage": one, "targetImage": two})
    )
    assert "sourceImage" in message
    assert "aligned" in message


@pytest.mark.parametrize("operation", ["IMAGE", "VIDEO"])
def test_more_than_eight_faces_are_answered_1007(api, operation):
    path = getattr(api, operation)
    for count, code in ((8, 1000), (9, 1007)):
        faces = [api.face(api.OPTS)] * count
        body = {**api.bodies()[path], "sourceImage": faces, "targetImage": faces}
        assert api.post(path, body)["code"] == code


def test_plus_wants_a_mapping_unless_it_is_simple(api):
    pair = {
        "source_face_info": {"face_url": "https://example.com/a.jpg"},
        "target_face_info": {"bbox": [1, 2, 3, 4]},
    }
    body = api.plus(single_face_mode=False)
    assert "face_mapping" in refused(api.post(api.PLUS, body))
    assert api.submit({**body, "face_mapping": [pair] * 8}, api.PLUS)
    assert api.post(api.PLUS, {**body, "face_mapping": [pair] * 9})["code"] == 1007


def test_pro_takes_fifty_pairs_and_a_boolean(api):
    faces = [api.face(api.OPTS)] * 50
    assert api.submit(
        api.pro(face_enhance=True) | {"sourceImage": faces, "targetImage": faces}, api.PRO
    )
    assert "targetImage" in refused(
        api.post(api.PRO, api.pro() | {"targetImage": faces + faces[:1]})
    )
    assert "face_enhance" in refused(api.post(api.PRO, api.pro(face_enhance=1)))


@pytest.mark.parametrize("none", ["", None])
def test_an_empty_webhook_means_none(api, none):
    assert api.submit(api.image(webhookUrl=none))
    assert len(api.sim.outbox) == 0


def test_unknown_fields_are_tolerated(api):
    assert api.submit(api.image(unknown=[1, {"a": None}]))


@pytest.mark.parametrize("query", ["", "?_ids=", "?_ids=,%20,", "?ids=1"])
def test_a_list_without_ids_is_refused(api, query):
    assert "_ids" in refused(api.get(api.LIST + query))


@pytest.mark.parametrize("body", [{}, {"_ids": ""}, {"_ids": " , "}, {"_ids": ["a"]}])
def test_a_deletion_without_ids_is_refused(api, body):
    assert "_ids" in refused(api.post(api.DELETE, body))


@pytest.mark.parametrize(
    ("body", "kind", "told"),
    [
        (b"", "application/json", "required"),
        (b"{", "application/json", "JSON"),
        (b"\xff\xfe", "application/json", "JSON"),
        (b'{"a": NaN}', "application/json", "JSON"),
        (b"[" * 5000, "application/json", "JSON"),
        (b"null", "application/json", "object"),
        (b"{}", "text/plain", "Content-Type"),
        (b"{}", "", "Content-Type"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(api, body, kind, told):
    answer = api.raw("POST", api.IMAGE, body, content_type=kind)
    assert answer.status == 200
    assert told in refused(answer.json())


def test_an_unknown_path_and_a_wrong_method_are_plain_http_errors(api):
    assert api.raw("GET", "/api/open/v3/faceswap/result").status == 404
    answer = api.raw("DELETE", api.LIST)
    assert (answer.status, answer.header(b"allow")) == (405, b"GET")


def test_a_body_beyond_the_limit_is_refused(make):
    api = make(max_body=1000)
    assert api.raw("POST", api.IMAGE, b"x" * 1001).status == 413


server = MockServer()
KEY = [(b"x-api-key", server.api_key.encode()), (b"content-type", b"application/json")]
headers = st.sampled_from(
    [b"content-type", b"authorization", b"x-akool-mock", b"range", b"host", b"origin"]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
bodies = json_values.map(lambda value: json.dumps(value).encode())
requests = st.builds(
    Request,
    st.sampled_from(["GET", "POST", "PUT", "HEAD", "X"]),
    st.sampled_from([path for _, path in OPERATIONS]) | st.text(max_size=50).map("/{}".format),
    query=st.binary(max_size=60),
    headers=st.builds(
        list.__add__,
        st.lists(st.tuples(headers, st.binary(max_size=40)), max_size=5),
        st.sampled_from([KEY, []]),
    ),
    body=st.binary(max_size=200) | bodies,
)


@given(requests)
def test_whatever_arrives_an_answer_leaves(request):
    answer = server.simulator.handle(request)
    assert isinstance(answer, Response)
    assert not server.simulator.failures
    if answer.status == 200 and request.path in CONTRACT["paths"] and not answer.reset:
        assert {"code", "error_code"} & json.loads(answer.body).keys()


@given(st.sampled_from([path for method, path in OPERATIONS if method == "POST"]), bodies)
def test_whatever_json_arrives_a_contract_shaped_answer_leaves(path, body):
    answer = server.simulator.handle(Request("POST", path, headers=KEY, body=body))
    assert answer.status in {200, 400}
    assert {"code", "error_code"} & answer.json().keys()
    assert not server.simulator.failures


@pytest.mark.parametrize("depth", [50, 200, 300, 1000, 2000, 100_000])
@pytest.mark.parametrize(("method", "path"), [part for part in OPERATIONS if part[0] == "POST"])
def test_a_body_of_any_depth_is_a_bad_parameter(api, method, path, depth):
    body = b'{"a":' + b"[" * depth + b"]" * depth + b"}"
    assert api.raw(method, path, body).status < 500
