"""Where the vendor does otherwise than its pages say, and who may call under which name."""

import dataclasses
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_mock import MockError, MockServer, Request, Settings, Simulator
from akool_mock._world.settings import PRESETS

ROOT = Path(__file__).resolve().parents[2]
DETECT = {"image_url": "https://example.com/face.jpg", "single_face": True}
ANYBODY = "https://page.example"
SIX = "1,2:3,4:5,6:7,8:9,10:11,12"


def differences(one, other):
    names = [field.name for field in dataclasses.fields(Settings)]
    return {name for name in names if getattr(one, name) != getattr(other, name)}


def test_the_two_presets_differ_in_what_the_table_says_and_in_nothing_else():
    text = (ROOT / "docs" / "mock.md").read_text(encoding="utf-8")
    section = text.partition("## As observed, as documented\n")[2].partition("\n## ")[0]
    row = r"^\| `(\w+)` \| `(.+?)` \| `(.+?)` \| `(.+?)` \| (.+?) \|$"
    rows = re.findall(row, section, re.MULTILINE)
    told = {name: [json.loads(value) for value in values] for name, *values, _ in rows}
    ways = (Settings.documented(), Settings(), Settings.observed())
    known = {name: [json.loads(json.dumps(getattr(way, name))) for way in ways] for name in PRESETS}
    assert told == known
    assert all(evidence for *_, evidence in rows)
    assert differences(Settings.documented(), Settings.observed()) == PRESETS.keys()
    assert differences(Settings.documented(), Settings()) <= PRESETS.keys()


def test_a_preset_that_does_not_exist_is_refused():
    with pytest.raises(MockError, match="no preset 'typical'; there are: observed, documented"):
        Settings.preset("typical")


@pytest.mark.parametrize("said", ["", "Bearer null", "Bearer token", "Basic eDp5"])
def test_the_old_detection_needs_no_credentials_unless_it_is_to_keep_to_its_page(make, said):
    ways = {"authorization": said, "x_api_key": ""}
    assert make().post("/detect", DETECT, **ways)["error_code"] == 0
    strict = make(open_operations=()).post("/detect", DETECT, **ways)
    assert strict["error_code"] in {1101, 1102}
    assert make().get(make().CREDIT, **ways)["code"] in {1101, 1102}


def test_a_banned_account_stays_banned_even_where_nobody_is_asked(make):
    api = make()
    api.sim.accounts.first.banned = True
    assert api.post("/detect", DETECT)["error_code"] == 1200


def test_six_points_are_taken_by_their_first_four_as_a_setting(make):
    body = make().image(sourceImage=[make().face(SIX)], targetImage=[make().face(SIX)])
    assert make().post(make().IMAGE, body)["code"] == 1003
    api = make(six_points=True)
    assert api.post(api.IMAGE, body)["code"] == 1000
    for wrong in (SIX + ":1,2", "1,2", SIX.replace(",2", ",x"), 7):
        bad = {**body, "sourceImage": [{**api.face(), "opts": wrong}]}
        assert api.post(api.IMAGE, bad)["code"] == 1003


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["sourceImage", "opts", "path", "single_face"]), inner)
    ),
    max_leaves=12,
)


@given(JSON_VALUES, st.sampled_from(["IMAGE", "PRO", "VIDEO", "DETECT_LEGACY"]))
def test_a_tolerant_mock_makes_no_mistake_of_any_body(body, name):
    sim = Simulator(settings=Settings.observed())
    path = {
        "IMAGE": "/api/open/v3/faceswap/highquality/specifyimage",
        "VIDEO": "/api/open/v3/faceswap/highquality/specifyvideo",
        "PRO": "/api/open/v4/faceswap/faceswapByImage",
        "DETECT_LEGACY": "/detect",
    }[name]
    headers = [(b"x-api-key", b"any"), (b"content-type", b"application/json")]
    sim.handle(Request("POST", path, headers=headers, body=json.dumps(body).encode()))
    assert not sim.failures


def asked(api, origin=ANYBODY, path=None, **more):
    sent = {"origin": origin, "access_control_request_method": "POST", **more}
    return api.raw("OPTIONS", path or api.IMAGE, **sent)


def test_pages_may_not_call_unless_they_are_let(make):
    api = make()
    assert asked(api).status == 405
    assert api.raw("GET", api.CREDIT, origin=ANYBODY).header(b"access-control-allow-origin") is None


@pytest.mark.parametrize("cors", [("*",), (ANYBODY,)])
def test_a_page_that_is_let_asks_first_and_reads_every_answer(make, cors):
    api = make(cors=cors)
    wanted = "x-api-key, content-type"
    answer = asked(api, access_control_request_headers=wanted)
    assert answer.status == 204
    assert answer.header(b"access-control-allow-methods") == b"POST"
    assert answer.header(b"access-control-allow-headers") == wanted.encode()
    url = api.submit()["url"]
    answers = [
        answer,
        api.raw("GET", api.CREDIT, origin=ANYBODY),
        api.raw("GET", "/nowhere", origin=ANYBODY),
        api.raw("GET", api.CREDIT, origin=ANYBODY, x_akool_mock="http=502"),
        api.file(url, origin=ANYBODY),
    ]
    said = {answer.header(b"access-control-allow-origin") for answer in answers}
    assert said == {cors[0].encode()}
    assert all((answer.header(b"vary") == b"origin") == (cors != ("*",)) for answer in answers)


def test_a_page_of_another_origin_than_those_named_is_not_let(make):
    api = make(cors=(ANYBODY,))
    other = "https://other.example"
    assert asked(api, other).status == 405
    answer = api.raw("GET", api.CREDIT, origin=other)
    assert answer.header(b"access-control-allow-origin") is None


def test_the_control_plane_stays_closed_to_pages_that_may_call_the_api(make):
    api = make(cors=("*",))
    answer = asked(api, path="/_mock/reset")
    assert answer.status == 403
    assert answer.header(b"access-control-allow-origin") is None
    assert api.raw("GET", "/_mock/state", origin=ANYBODY).status == 403


def test_a_preflight_that_names_a_private_network_is_let_in(make):
    answer = asked(make(cors=("*",)), access_control_request_private_network="true")
    assert answer.header(b"access-control-allow-private-network") == b"true"


FORWARDED = {"x_forwarded_proto": "https", "x_forwarded_host": "dev.example"}


def handed_out(api, **headers):
    faces = {"url": "https://example.com/a.jpg", "return_face_url": True}
    job = api.submit(**headers)
    yield job["url"]
    yield api.listed(job["_id"], **headers)[0]["url"]
    yield api.post(api.DETECT, faces, **headers)["faces_obj"]["0"]["face_urls"][0]


def test_what_a_proxy_says_counts_when_it_is_trusted(make):
    api = make(trust_proxy=True)
    assert all(url.startswith("https://dev.example/") for url in handed_out(api, **FORWARDED))
    assert all(url.startswith("http://mock.localhost/") for url in handed_out(make(), **FORWARDED))


def test_of_several_proxies_the_one_that_the_client_spoke_to_counts(make):
    said = {"x_forwarded_proto": "https, http", "x_forwarded_host": "dev.example, inner:1"}
    assert make(trust_proxy=True).submit(**said)["url"].startswith("https://dev.example/final_")


@pytest.mark.parametrize("wrong", [{"x_forwarded_proto": "javascript"},
                                   {"x_forwarded_host": "a\nb"}])  # fmt: skip
def test_a_proxy_that_says_nonsense_leads_nowhere_strange(make, wrong):
    url = make(trust_proxy=True).submit(**wrong)["url"]
    assert re.match(r"http://(mock\.localhost|127\.0\.0\.1)/final_", url)


@pytest.mark.parametrize(("peer", "believed"), [("127.0.0.1", True), ("::1", True),
                                                ("192.0.2.7", False)])  # fmt: skip
def test_only_a_proxy_on_this_machine_is_believed(peer, believed):
    sim = Simulator(settings=Settings(trust_proxy=True))
    headers = [(b"host", b"localhost"), (b"x-forwarded-host", b"dev.example")]
    answer = sim.handle(Request("GET", "/_mock/health", headers=headers, peer=peer))
    assert answer.status == 200
    body = json.dumps({"url": "https://example.com/a.jpg", "return_face_url": True}).encode()
    headers += [(b"x-api-key", sim.accounts.first.api_key.encode())]
    headers += [(b"content-type", b"application/json")]
    path = "/interface/detect-api/detect_faces"
    answer = sim.handle(Request("POST", path, headers=headers, body=body, peer=peer))
    url = answer.json()["faces_obj"]["0"]["face_urls"][0]
    assert url.startswith("http://dev.example/") == believed


def test_one_base_holds_for_every_address(make):
    base = "https://cdn.example/x"
    assert all(url.startswith(base + "/") for url in handed_out(make(result_base=base)))


@pytest.mark.parametrize(("path", "near"), [
    ("/api/open/v3/faceswap/highquality/specifyimages", "POST /api/open/v3/faceswap/highquality"),
    ("/api/open/v3/getToken/", "POST /api/open/v3/getToken"),
    ("/v4/faceswap/faceswapByImage", "POST /api/open/v4/faceswap/faceswapByImage"),
])  # fmt: skip
def test_an_unknown_path_is_told_the_nearest(api, path, near):
    answer = api.raw("POST", path, b"{}")
    assert answer.status == 404
    assert answer.json()["code"] == 404
    assert near in answer.json()["msg"]


def test_who_asks_for_no_json_gets_a_text(api):
    answer = api.raw("GET", "/nothing/like/it", accept="text/html", content_type="")
    assert answer.status == 404
    assert (answer.header(b"content-type") or b"").startswith(b"text/plain")
    assert b"nearest" not in answer.body


def test_a_wrong_method_is_told_the_right_ones(api):
    answer = api.raw("DELETE", api.IMAGE, accept="application/json")
    assert (answer.status, answer.header(b"allow")) == (405, b"POST")
    assert "takes POST, not DELETE" in answer.json()["msg"]


OURS = ["localhost", "127.0.0.1:8970", "[::1]:1", "a.localhost", "", "openapi.akool.com",
        "SG3.akool.com:443", "named.example:8"]  # fmt: skip
OTHERS = ["evil.example", "localhost.evil.example", "192.0.2.1", "openapi.akool.com.evil.example",
          "127.0.0.1.evil.example"]  # fmt: skip


@pytest.mark.parametrize("host", OURS)
def test_the_api_answers_to_its_own_names(make, host):
    api = make(host_names=("named.example",))
    assert api.raw("GET", api.CREDIT, host=host).status == 200


@pytest.mark.parametrize("host", OTHERS)
def test_the_api_refuses_any_other_name(make, host):
    api = make()
    for path in (api.CREDIT, "/final_x.jpg", "/nowhere"):
        answer = api.raw("GET", path, host=host, accept="application/json")
        assert answer.status == 421
        assert f"--host-name {host}" in answer.json()["msg"]
    assert make(host_names=("*",)).raw("GET", api.CREDIT, host=host).status == 200


def test_the_setting_counts_from_the_moment_it_is_changed(make):
    api = make()
    headers = [(b"host", b"later.example"), (b"x-api-key", api.server.api_key.encode())]
    request = Request("GET", api.CREDIT, headers=headers)
    assert api.sim.handle(request).status == 421
    api.server.control.configure(host_names=["later.example"])
    assert api.sim.handle(request).status == 200


def test_the_fixture_of_a_module_may_ask_for_the_preset():
    with MockServer(settings=Settings.observed()) as mock:
        api = mock.simulator
        answer = api.handle(
            Request("GET", "/api/open/v3/faceswap/quota/info", headers=[(b"x-api-key", b"mine")])
        )
        assert answer.json()["code"] == 1000
