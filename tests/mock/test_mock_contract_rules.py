"""The contract's rules are kept, all of them and no others; what is public is there."""

import re
from pathlib import Path

import pytest

import akool_mock
import akool_openapi

RULES = {rule["id"]: rule for rule in akool_openapi.load()["x-rules"]}
PAIR = {
    "source_face_info": {"face_url": "https://example.com/a.jpg"},
    "target_face_info": {"bbox": [1, 2, 3, 4]},
}


def faces(api, *, source, target=None, opts=True):
    one = api.face(api.OPTS) if opts else api.face()
    return {"sourceImage": [one] * source, "targetImage": [one] * (target or source)}


BREAKS = {
    "opts-required-when-many": lambda api: faces(api, source=2, opts=False),
    "source-target-aligned": lambda api: faces(api, source=1, target=2),
    "at-most-eight-faces": lambda api: (
        faces(api, source=9) | {"face_mapping": [PAIR] * 9, "single_face_mode": False}
    ),
    "authorization-wins": lambda _api: {},
}


# Rules about what happens rather than what is refused: the test that holds each.
HELD_BY = {
    "url-wins-over-img": "test_an_address_beats_an_enclosed_picture",
    "url-is-not-done": "test_there_is_no_file_before_success_nor_after_failure",
    "unknown-ids-are-absent": "test_unknown_ids_are_left_out_of_the_list",
    "status-only-advances": "test_a_job_never_goes_back_to_an_earlier_stage",
    "deleted-is-gone": "test_a_deleted_job_stays_deleted",
    "credit-at-submission": "test_submits_cost_credits_and_the_quota_is_in_step",
    "results-live-seven-days": "test_a_result_is_gone_after_seven_days_of_mock_time",
    "webhook-until-200": "test_what_is_not_answered_200_comes_again_later_and_later",
}


def test_every_rule_of_the_contract_is_held_here():
    assert BREAKS.keys() | HELD_BY.keys() == RULES.keys()
    texts = [file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("*.py")]
    tests = {name for text in texts for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)}
    assert set(HELD_BY.values()) <= tests


@pytest.mark.parametrize(
    ("rule", "operation"),
    [(name, operation) for name in BREAKS for operation in RULES[name]["operations"]],
)
def test_who_breaks_a_rule_is_told_with_its_code(api, rule, operation):
    path = api.sim.contract.operations[operation].path
    headers = {"authorization": "Bearer bad"} if rule == "authorization-wins" else {}
    headers["x_api_key"] = api.server.api_key
    if operation in {"getCredit", "listResults"}:
        answer = api.get(f"{path}?_ids=a", **headers)
    else:
        good = api.bodies().get(path, {"_ids": "a"})
        answer = api.post(path, good | BREAKS[rule](api), **headers)
    assert answer["code"] == RULES[rule]["code"]


def test_every_public_name_is_there_and_listed():
    assert sorted(akool_mock.__all__) == sorted(akool_mock._HOMES)
    for name in akool_mock.__all__:
        assert getattr(akool_mock, name) is not None
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = akool_mock.nothing_such


def test_the_rooms_that_the_documentation_walks_through_are_there():
    root = Path(akool_mock.__file__).parent
    text = (root.parents[1] / "docs/how-it-works.md").read_text(encoding="utf-8")
    walk = text.partition("in `mock/akool_mock/`:")[2].partition("\n## ")[0]
    rooms = re.findall(r"`(_[\w/]+\.py)`", walk)
    assert len(rooms) > 12
    assert [room for room in rooms if not (root / room).is_file()] == []
