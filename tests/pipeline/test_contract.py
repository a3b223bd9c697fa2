"""What the contract must say, held against itself and against the client generated from it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from akool_faceswap_api import models
from akool_faceswap_api.api.operations import (
    detect_faces,
    detect_faces_legacy,
    get_credit,
    list_results,
    swap_image,
    swap_image_pro,
)
from akool_faceswap_api.client import Client
from akool_mock import Simulator, SyncTransport
from akool_openapi import extension_schemas, load
from akool_pipeline.building import build, fragments
from akool_pipeline.checking.settings import read_decisions
from akool_pipeline.errors import PipelineError
from akool_pipeline.layout import Layout
from akool_pipeline.releasing import linting

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = load()
SUBMITS = {"swapImage", "swapVideo", "swapImagePro", "swapPlus"}
OPERATIONS = {
    "getToken": ("post", "/api/open/v3/getToken"),
    "swapImage": ("post", "/api/open/v3/faceswap/highquality/specifyimage"),
    "swapVideo": ("post", "/api/open/v3/faceswap/highquality/specifyvideo"),
    "swapImagePro": ("post", "/api/open/v4/faceswap/faceswapByImage"),
    "swapPlus": ("post", "/api/open/v4/faceswap/faceswapPlusByImage"),
    "listResults": ("get", "/api/open/v3/faceswap/result/listbyids"),
    "deleteResults": ("post", "/api/open/v3/faceswap/result/delbyids"),
    "getCredit": ("get", "/api/open/v3/faceswap/quota/info"),
    "detectFacesLegacy": ("post", "/detect"),
    "detectFaces": ("post", "/interface/detect-api/detect_faces"),
}
BY_ID = {o["operationId"]: o for _, _, o in fragments.operations(CONTRACT)}


def validator(name: str, part: str = "answer") -> jsonschema_rs.Validator:
    """A JSON Schema reader of an operation's answer or request, as far from our code as can be."""
    operation = BY_ID[name]
    holder = operation["responses"]["200"] if part == "answer" else operation["requestBody"]
    schema = holder["content"]["application/json"]["schema"]
    whole = {**schema, "components": nullable_as_types(CONTRACT["components"])}
    return jsonschema_rs.Draft4Validator(whole)


def examples(media: dict[str, Any]) -> list[Any]:
    """What a page shows of a body; pages may show it once, by name, or not at all."""
    many = [example["value"] for example in media.get("examples", {}).values()]
    return many + ([media["example"]] if "example" in media else [])


def nullable_as_types(value: Any) -> Any:
    if isinstance(value, list):
        return [nullable_as_types(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: nullable_as_types(item) for key, item in value.items()}
    if result.get("nullable") is True and isinstance(result.get("type"), str):
        result["type"] = [result["type"], "null"]
    return result


def test_every_operation_is_in_under_its_name() -> None:
    found = {o["operationId"]: (m, p) for p, m, o in fragments.operations(CONTRACT)}
    assert OPERATIONS.items() <= found.items()  # a page may be imported beside them


def test_the_old_detection_keeps_its_own_server() -> None:
    assert CONTRACT["paths"]["/detect"]["servers"][0]["url"] == "https://sg3.akool.com"
    assert [s["url"] for s in CONTRACT["servers"]] == ["https://openapi.akool.com"]


@pytest.mark.parametrize("name", sorted(SUBMITS))
def test_a_submit_says_what_follows_it(name: str) -> None:
    links = BY_ID[name]["responses"]["200"]["links"]
    assert {link["operationId"] for link in links.values()} == {"listResults"}
    assert not any("requestBody" in link for link in links.values()), "generators refuse it"
    (callback,) = BY_ID[name]["callbacks"]["jobStatus"].values()
    body = callback["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/WebhookEnvelope"}


def test_business_codes_are_one_table() -> None:
    table = CONTRACT["x-business-codes"]
    codes = [row["code"] for row in table]
    schema = CONTRACT["components"]["schemas"]["BusinessCode"]
    assert codes == [1000, *schema["enum"]]
    assert [row["name"] for row in table] == ["OK", *schema["x-enum-varnames"]]
    assert len(set(codes)) == len(codes) == 50
    assert {row["code"] for row in table if row["retryable"]} == {1005}
    for row in table:
        assert set(row["operations"]) <= set(BY_ID), row


def test_documented_codes_name_their_operations() -> None:
    named = {row["code"] for row in CONTRACT["x-business-codes"] if row["operations"]}
    assert named == {1000, 1003, 1005, 1006, 1007, 1101, 1102, 1200}


def test_rules_have_ids_and_name_operations_and_codes_that_exist() -> None:
    rules = CONTRACT["x-rules"]
    codes = {row["code"] for row in CONTRACT["x-business-codes"]}
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert set(rule["operations"]) <= set(BY_ID)
        assert rule["kind"] in {"request", "behaviour"}
        assert rule.get("code", 1000) in codes
    assert "opts-required-when-many" in {rule["id"] for rule in rules}


GOOD_DATA: dict[str, Any] = {
    "swapImage": {"_id": "a", "url": "https://x.example/a.jpg", "job_id": "b"},
    "swapVideo": {"_id": "a", "url": "https://x.example/a.mp4", "job_id": "b"},
    "swapImagePro": {"_id": "a", "job_id": "b"},
    "swapPlus": {"_id": "a", "job_id": "b"},
    "listResults": {"result": []},
    "getCredit": {"credit": 0.5},
}
ENVELOPED = sorted({*GOOD_DATA, "deleteResults"})


@pytest.mark.parametrize("name", ENVELOPED)
class TestAnswersInJsonSchema:
    def test_success_is_accepted(self, name: str) -> None:
        answer = {"code": 1000, "msg": "anything", "data": GOOD_DATA.get(name, {})}
        assert validator(name).is_valid(answer)

    @pytest.mark.parametrize("data", [{}, {"data": None}, {"data": {}}])
    @pytest.mark.parametrize("code", [1003, 1101, 1104, 2001])
    def test_failure_is_accepted_with_data_empty_null_or_absent(self, name, code, data) -> None:
        assert validator(name).is_valid({"code": code, "msg": "no", **data})

    def test_success_without_its_data_is_refused(self, name: str) -> None:
        if name in GOOD_DATA:
            for data in ({}, {"data": None}, {"data": {}}, {"data": []}):
                assert not validator(name).is_valid({"code": 1000, "msg": "OK", **data})

    def test_success_with_one_field_missing_is_refused(self, name: str) -> None:
        for field in GOOD_DATA.get(name, {}):
            less = {key: value for key, value in GOOD_DATA[name].items() if key != field}
            assert not validator(name).is_valid({"code": 1000, "msg": "OK", "data": less})

    def test_a_failure_that_carries_a_result_is_refused(self, name: str) -> None:
        answer = {"code": 1003, "msg": "no", "data": {"_id": "a"}}
        assert not validator(name).is_valid(answer)

    @pytest.mark.parametrize("code", [0, 200, 1012, 9999, "1000", None])
    def test_a_code_that_is_on_no_page_is_refused(self, name: str, code: Any) -> None:
        assert not validator(name).is_valid({"code": code, "msg": "?"})


PLUS = {"source_url": "https://a.example/s.jpg", "target_url": "https://a.example/t.jpg"}
PAIR = {
    "source_face_info": {"face_url": "https://a.example/s.jpg"},
    "target_face_info": {"face_url": "https://a.example/t.jpg"},
}
FACE = {"path": "https://a.example/f.jpg", "opts": "1,2:3,4:5,6:7,8"}
IMAGE = {"sourceImage": [FACE], "targetImage": [FACE], "modifyImage": "https://a.example/m.jpg"}
REQUESTS: list[tuple[str, dict[str, Any], bool]] = [
    ("swapPlus", {**PLUS, "face_mapping": [PAIR]}, True),
    ("swapPlus", {**PLUS, "single_face_mode": True}, True),
    ("swapPlus", PLUS, False),
    ("swapPlus", {**PLUS, "single_face_mode": False}, False),
    ("swapPlus", {**PLUS, "face_mapping": []}, False),
    ("swapPlus", {**PLUS, "face_mapping": [{**PAIR, "target_face_info": {}}]}, False),
    (
        "swapPlus",
        {**PLUS, "face_mapping": [{**PAIR, "target_face_info": {"bbox": [1, 2, 3]}}]},
        False,
    ),
    ("swapPlus", {**PLUS, "single_face_mode": True, "model_style": "other"}, False),
    ("swapPlus", {**PLUS, "single_face_mode": True, "target_url": "ftp://a.example/t"}, False),
    ("swapImage", IMAGE, True),
    ("swapImage", {**IMAGE, "webhookUrl": ""}, True),
    ("swapImage", {**IMAGE, "webhookUrl": None}, True),
    ("swapImage", {**IMAGE, "webhookUrl": "mailto:a@b.example"}, False),
    ("swapImage", {**IMAGE, "sourceImage": []}, False),
    ("swapImage", {**IMAGE, "face_enhance": True}, False),
    ("swapImage", {**IMAGE, "sourceImage": [{**FACE, "opts": "1,2:3,4:5,6:7,8:9,9:0,0"}]}, False),
    ("swapImage", {**IMAGE, "sourceImage": [{**FACE, "opts": ["1,2"]}]}, False),
    ("swapImage", {**IMAGE, "sourceImage": [{**FACE, "path": "data:image/png;base64,"}]}, False),
    ("swapImagePro", {"sourceImage": [FACE] * 50, "targetImage": [FACE] * 50}, True),
    ("swapImagePro", {"sourceImage": [FACE] * 51, "targetImage": [FACE]}, False),
    ("swapImagePro", {"sourceImage": [FACE], "targetImage": [FACE], "face_enhance": 1}, False),
    ("detectFaces", {"img": "aGk="}, True),
    ("detectFaces", {"num_frames": 5}, False),
    ("detectFaces", {"url": "https://a.example/a.jpg", "num_frames": 101}, False),
    (
        "detectFacesLegacy",
        {"single_face": True, "image_url": "https://a.example/a", "img": ""},
        True,
    ),
    ("detectFacesLegacy", {"single_face": True}, False),
    ("deleteResults", {"_ids": ""}, False),
    ("getToken", {"clientId": "a"}, False),
]


@pytest.mark.parametrize(("name", "body", "is_good"), REQUESTS)
def test_what_the_prose_demands_of_requests_is_in_the_schema(name, body, is_good) -> None:
    assert validator(name, "request").is_valid(body) is is_good


def test_every_example_fits_its_schema() -> None:
    shown = 0
    for name, operation in BY_ID.items():
        for part, holder in (
            ("request", operation.get("requestBody")),
            ("answer", operation["responses"]["200"]),
        ):
            if holder is None:
                continue
            for example in examples(holder["content"]["application/json"]):
                validator(name, part).validate(example)
                shown += 1
    assert shown >= len(BY_ID)  # one for each operation, wherever its page shows it


class TestTheGeneratedClient:
    def parse(self, module: Any, body: Any, status: int = 200) -> Any:
        response = httpx2.Response(status, json=body)
        return module._parse_response(client=Client(base_url=""), response=response)

    def test_request_arguments_come_from_pure_functions(self) -> None:
        face = models.FaceImageWithOpts(path="https://a.example/f.jpg")
        body = models.SwapImageRequest(
            source_image=[face], target_image=[face], modify_image="https://a.example/m.jpg"
        )
        kwargs = swap_image._get_kwargs(body=body)
        assert kwargs["url"] == OPERATIONS["swapImage"][1]
        assert kwargs["json"]["modifyImage"] == "https://a.example/m.jpg"
        assert list_results._get_kwargs(field_ids="a,b")["params"] == {"_ids": "a,b"}

    def test_a_success_is_its_own_class(self) -> None:
        answer = self.parse(swap_image, {"code": 1000, "msg": "m", "data": GOOD_DATA["swapImage"]})
        assert isinstance(answer, models.SwapImageResponse)
        assert answer.code is models.SuccessCode.OK
        assert answer.data.field_id == "a"
        pro = self.parse(swap_image_pro, {"code": 1000, "msg": "", "data": GOOD_DATA["swapPlus"]})
        assert isinstance(pro, models.SwapImageProResponse)

    @pytest.mark.parametrize("data", [{}, {"data": None}, {"data": {}}])
    def test_a_failure_is_a_business_error_whatever_its_data(self, data) -> None:
        for module in (swap_image, list_results, get_credit):
            answer = self.parse(module, {"code": 1101, "msg": "no", **data})
            assert isinstance(answer, models.BusinessError)
            assert answer.code is models.BusinessCode.INVALID_AUTHORIZATION

    def test_statuses_have_names(self) -> None:
        assert {status.name: status.value for status in models.FaceswapStatus} == {
            "IN_QUEUE": 1,
            "PROCESSING": 2,
            "SUCCESS": 3,
            "FAILED": 4,
        }

    def test_detection_answers_in_its_own_envelope(self) -> None:
        shown = examples(BY_ID["detectFaces"]["responses"]["200"]["content"]["application/json"])
        for example in shown:
            assert isinstance(self.parse(detect_faces, example), models.DetectFacesResponse)
        assert shown
        bad = {"error_code": 1, "error_msg": "no", "faces_obj": {}}
        for status in (200, 400, 500):
            assert isinstance(self.parse(detect_faces, bad, status), models.DetectFacesError)

    @pytest.mark.parametrize("landmarks", ["1,2:3,4:5,6:7,8", ["1,2:3,4:5,6:7,8"]])
    def test_the_old_detection_may_answer_a_string_or_a_list(self, landmarks) -> None:
        answer = self.parse(
            detect_faces_legacy,
            {
                "error_code": 0,
                "error_msg": "",
                "landmarks": [],
                "landmarks_str": landmarks,
                "region": [],
            },
        )
        assert isinstance(answer, models.DetectFacesLegacyResponse)
        assert answer.landmarks_str == landmarks


def test_the_page_about_the_contract_says_what_is_there() -> None:
    path = ROOT / "scripts" / "contract_page.py"
    spec = importlib.util.spec_from_file_location("contract_page", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = module.page(Layout(ROOT))  # CI holds the committed page to it
    for decision in read_decisions(Layout(ROOT).decisions):
        assert decision.question in found
    section = found.partition("## What the extensions say")[2].partition("\n## ")[0]
    assert section.count("### `x-") == len(extension_schemas())
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert len(rows) > 30
    assert [row for row in rows if row.endswith("|  |")] == []  # every part says what it is


def test_pages_of_another_product_are_served_by_the_simulator(project, things, other) -> None:
    thing = things["components"]["schemas"]["Thing"]
    thing["example"] = {"id": "a-thing"}
    other["components"]["schemas"]["Thing"] = thing
    layout = project(things=things, others=other)
    build.build(layout)
    simulator = Simulator(json.loads(layout.contract_json.read_text("utf-8")))
    base = "https://api.example"
    with httpx2.Client(base_url=base, transport=SyncTransport(simulator)) as client:
        for path in ("/things", "/others"):
            answer = client.get(path, headers={"x-api-key": simulator.settings.api_key})
            assert answer.status_code == 200
            assert all("id" in item for item in answer.json())


class TestLinting:
    def test_reports_of_several_files_are_read_one_after_another(self) -> None:
        one = {"problems": [_problem("a.yaml", "r1")]}
        two = {"problems": [_problem("b.yaml", "r2")]}
        found = list(linting.parse(f"{json.dumps(one)}\n{json.dumps(two)}\n"))
        assert [str(fault) for fault in found] == ["a.yaml: #/x: m m [r1]", "b.yaml: #/x: m m [r2]"]

    def test_an_answer_that_is_not_json_is_told(self) -> None:
        with pytest.raises(PipelineError, match="not JSON"):
            list(linting.parse("{oops"))

    def test_a_missing_linter_says_how_to_install_it(self, tmp_path: Path) -> None:
        with pytest.raises(PipelineError, match="make lint-spec"):
            linting.lint(tmp_path / "redocly", tmp_path / "c", [])

    def test_findings_are_a_table_of_fragments_and_rules(self) -> None:
        faults = [linting.Fault("a.yaml", "info-license", "error", "#", "m")] * 2
        page = linting.findings_page(faults, [Path("a.yaml"), Path("b.yaml")])
        assert "| fragment | no licence |\n|---|---|\n| a | 2 |\n| b | - |\n" in page


def _problem(file: str, rule: str) -> dict[str, Any]:
    where = {"source": {"ref": f"/somewhere/{file}"}, "pointer": "#/x"}
    return {"ruleId": rule, "severity": "error", "message": "m\n m", "location": [where]}
