"""Who may call, what it costs, how often."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_mock import API_KEY, CLIENT_ID, MockError, Settings, Simulator
from akool_mock._world.accounts import Account, Accounts, Refusal

OTHER_KEY = "b" * 32


def code(answer):
    return answer["code"]


def test_no_credentials_are_answered_1102_with_http_200(api):
    answer = api.raw("GET", api.CREDIT, x_api_key="")
    assert (answer.status, answer.json()["code"]) == (200, 1102)
    assert set(answer.json()) == {"code", "msg"}


@pytest.mark.parametrize(
    "headers",
    [
        {"x_api_key": "wrong"},
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer"},
        {"authorization": "Basic YTpi"},
        {"authorization": f"Bearer {API_KEY}"},
    ],
)
def test_wrong_credentials_are_answered_1101(api, headers):
    assert code(api.get(api.CREDIT, **headers)) == 1101


def test_authorization_beats_the_key_even_when_it_is_the_bad_one(api):
    assert code(api.get(api.CREDIT, authorization="Bearer bad", x_api_key=API_KEY)) == 1101
    token = login(api)
    assert code(api.get(api.CREDIT, authorization=f"Bearer {token}", x_api_key="bad")) == 1000
    assert code(api.get(api.CREDIT, authorization="", x_api_key=API_KEY)) == 1000


def login(api, client_id=CLIENT_ID, secret=API_KEY):
    answer = api.post(
        api.TOKEN, {"clientId": client_id, "clientSecret": secret}, x_api_key="ignored"
    )
    assert set(answer) == {"code", "token"}
    return answer["token"]


def test_a_token_serves_until_it_expires(make):
    api = make(token_s=3600.0)
    header = f"Bearer {login(api)}"
    api.server.advance(3599)
    assert code(api.get(api.CREDIT, authorization=header)) == 1000
    api.server.advance(2)
    assert code(api.get(api.CREDIT, authorization=header)) == 1101
    assert code(api.get(api.CREDIT, authorization=f"Bearer {login(api)}")) == 1000


def test_a_token_lives_longer_than_a_year_by_default(api):
    header = f"Bearer {login(api)}"
    api.server.advance(366 * 86_400)
    assert code(api.get(api.CREDIT, authorization=header)) == 1000


def test_a_token_survives_a_restart_and_serves_no_other_simulator(make):
    token = f"Bearer {login(make(seed=1))}"
    same, other = make(seed=1), make(seed=2)
    assert code(same.get(same.CREDIT, authorization=token)) == 1000
    assert code(other.get(other.CREDIT, authorization=token)) == 1101


@pytest.mark.parametrize("secret", ["wrong", ""])
def test_wrong_client_credentials_get_no_token(api, secret):
    body = {"clientId": CLIENT_ID, "clientSecret": secret}
    assert code(api.post(api.TOKEN, body)) == 1101


@given(st.binary(max_size=300), st.binary(max_size=60))
def test_whatever_the_credentials_are_they_are_refused_in_the_envelope(authorization, key):
    accounts = Accounts(b"secret")
    accounts.add(Account(CLIENT_ID, API_KEY, 1.0))
    with pytest.raises(Refusal) as refused:
        accounts.authenticate(authorization, key, 0.0)
    assert refused.value.code in {1101, 1102}


def test_a_banned_account_is_answered_1200(api):
    api.server.control.set_account(CLIENT_ID, banned=True)
    assert code(api.get(api.CREDIT)) == 1200
    assert code(api.post(api.TOKEN, {"clientId": CLIENT_ID, "clientSecret": API_KEY})) == 1200
    api.server.control.set_account(CLIENT_ID, banned=False)
    assert code(api.get(api.CREDIT)) == 1000


def test_accounts_do_not_see_each_others_jobs(api):
    api.server.control.add_account("other", OTHER_KEY)
    mine, theirs = api.submit()["_id"], api.submit(x_api_key=OTHER_KEY)["_id"]
    assert [item["_id"] for item in api.listed(mine, theirs)] == [mine]
    assert [item["_id"] for item in api.listed(mine, theirs, x_api_key=OTHER_KEY)] == [theirs]
    api.post(api.DELETE, {"_ids": theirs})
    assert api.listed(theirs, x_api_key=OTHER_KEY)


def test_any_key_is_taken_when_asked_to(make):
    api = make(accept_any_key=True)
    assert code(api.get(api.CREDIT, x_api_key="whatever")) == 1000
    assert code(api.get(api.CREDIT, authorization="Bearer whatever")) == 1000
    assert code(api.get(api.CREDIT, x_api_key="")) == 1102
    assert login(api, "anyone", "anything")


def test_a_key_that_could_not_encrypt_webhooks_is_refused():
    with pytest.raises(MockError, match="16, 24 or 32"):
        Simulator(settings=Settings(api_key="short"))


def test_submits_cost_credits_and_the_quota_is_in_step(make):
    api = make(credits=30.0)
    for path, body in api.bodies().items():
        assert code(api.post(path, body)) == 1000
    assert api.credit() == 30 - 4 - 10 - 4 - 4


def test_a_video_costs_by_its_length(make):
    api = make(credits=100.0)
    api.submit(api.video("https://example.com/mock.length=10001.mp4"), api.VIDEO)
    assert api.credit() == 80


def test_a_submit_that_is_too_dear_is_answered_1006_and_costs_nothing(make):
    api = make(credits=7.5)
    api.submit()
    assert code(api.post(api.IMAGE, api.image())) == 1006
    assert api.credit() == 3.5
    assert len(api.sim.jobs) == 1


def test_a_refused_request_costs_nothing(api):
    for body in (api.image("ftp://example.com/a.jpg"), {}):
        assert code(api.post(api.IMAGE, body)) == 1003
    assert api.credit() == 1000


def test_prices_are_a_setting(make):
    api = make(prices={"swapImage": 0.25}, credits=1.0)
    api.submit()
    assert api.credit() == 0.75


def test_requests_beyond_the_limit_are_answered_1005_until_the_window_is_over(make):
    api = make(rate_limit=3, rate_window_s=10.0)
    assert [code(api.get(api.CREDIT)) for _ in range(5)] == [1000, 1000, 1000, 1005, 1005]
    api.server.advance(10)
    assert code(api.get(api.CREDIT)) == 1000


def test_the_limit_is_each_accounts_own(make):
    api = make(rate_limit=1, rate_window_s=10.0)
    api.server.control.add_account("other", OTHER_KEY)
    assert code(api.get(api.CREDIT)) == 1000
    assert code(api.get(api.CREDIT, x_api_key=OTHER_KEY)) == 1000
    assert code(api.get(api.CREDIT)) == 1005


def test_the_http_status_of_business_errors_is_a_setting(make):
    api = make(error_status={1102: 401})
    answer = api.raw("GET", api.CREDIT, x_api_key="")
    assert (answer.status, json.loads(answer.body)["code"]) == (401, 1102)


def test_who_has_only_a_key_is_not_sent_for_a_token(api):
    by_key = api.get(api.CREDIT, authorization="", x_api_key="k" * 32)["msg"]
    assert "oken" not in by_key
    by_token = api.get(api.CREDIT, authorization="Bearer bad")["msg"]
    assert "getToken" in by_token
