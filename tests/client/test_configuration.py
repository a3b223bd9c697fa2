"""Who calls, and where: from arguments, then from the environment, and what is wrong with them."""

import pytest
from tests.client.conftest import API_KEY, CLIENT_ID

from akool_faceswap import AsyncFaceSwap, ConfigurationError, FaceSwap
from akool_faceswap._core.credentials import DEFAULT_SERVER, Config, resolve

SECRET = "client-secret-0123456789abcdef01"
PAIR = {"client_id": CLIENT_ID, "client_secret": SECRET}


@pytest.mark.parametrize("kind", [FaceSwap, AsyncFaceSwap])
def test_credentials_come_from_arguments_then_from_the_environment(kind, monkeypatch):
    for name in ("AKOOL_API_KEY", "AKOOL_CLIENT_ID", "AKOOL_CLIENT_SECRET", "AKOOL_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match="AKOOL_API_KEY"):
        kind()
    with pytest.raises(ConfigurationError, match="client_secret"):
        kind(client_id=CLIENT_ID)
    monkeypatch.setenv("AKOOL_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("AKOOL_CLIENT_SECRET", SECRET)
    assert CLIENT_ID in repr(kind())
    monkeypatch.setenv("AKOOL_API_KEY", API_KEY)
    monkeypatch.setenv("AKOOL_BASE_URL", "http://127.0.0.1:8970/")
    assert repr(kind()) == f"<{kind.__name__} http://127.0.0.1:8970 with API key>"
    assert CLIENT_ID in repr(kind(**PAIR))


@pytest.mark.parametrize("wrong", ["", "two\nlines", "ключ", " key between spaces ", 7, b"bytes"])
def test_a_key_that_cannot_be_sent_is_refused_without_being_shown(wrong):
    with pytest.raises(ConfigurationError) as caught:
        FaceSwap(wrong)
    assert not wrong or str(wrong) not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        "ftp://x",
        "x",
        "http://",
        "http://u:p@x",
        "http://x?y",
        "http://x#y",
        "http://x:99999",
        "http://é",
    ],
)
def test_a_base_url_that_is_none_is_refused(wrong):
    with pytest.raises(ConfigurationError, match="base_url"):
        FaceSwap(API_KEY, base_url=wrong)


KEY_OR_PAIR = (
    "No credentials: set AKOOL_API_KEY, or AKOOL_CLIENT_ID and AKOOL_CLIENT_SECRET; in code, "
    "pass api_key=, or client_id= and client_secret="
)
URL_IS = (
    "base_url (AKOOL_BASE_URL) must be http(s)://host[:port][/path], without user, query or "
    "fragment"
)


@pytest.mark.parametrize("name", ["api_key", "client_id", "client_secret"])
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (" x", "has spaces around it; copy it again"),
        ("x\n", "must be printable ASCII text without line breaks; copy it again"),
        ("é", "must be printable ASCII text without line breaks; copy it again"),
        ("", "must be printable ASCII text without line breaks; copy it again"),
        (7, "must be printable ASCII text without line breaks; copy it again"),
    ],
)
def test_what_cannot_be_sent_is_told_by_its_name(name, wrong, says):
    given = dict.fromkeys(("api_key", "client_id", "client_secret")) | {name: wrong}
    with pytest.raises(ConfigurationError) as caught:
        resolve(**given, base_url=None, environ={})
    assert caught.value.args == (f"{name} {says}",)


@pytest.mark.parametrize("given", [(None, None, None), (None, "a", None), (None, None, "a")])
def test_half_a_pair_is_none(given):
    with pytest.raises(ConfigurationError) as caught:
        resolve(*given, base_url=None, environ={"AKOOL_API_KEY": ""})
    assert caught.value.args == (KEY_OR_PAIR,)


@pytest.mark.parametrize(
    "wrong",
    ["ftp://x", "http://x/a b", "http://x/\t", "http://x:0", f"http://{'a' * 64}.example", 7],
)
def test_a_base_url_that_is_none_is_told_what_it_should_be(wrong):
    with pytest.raises(ConfigurationError) as caught:
        resolve(API_KEY, None, None, wrong, {})
    assert caught.value.args == (URL_IS,)


@pytest.mark.parametrize(
    ("given", "environ", "used"),
    [
        ("https://x.example/proxyX//", "http://other", "https://x.example/proxyX"),
        ("http://localhost:1", "http://other", "http://localhost:1"),
        (None, "http://other/", "http://other"),
        (None, "", None),
    ],
)
def test_a_base_url_is_used_without_its_last_slashes(given, environ, used):
    config = resolve(API_KEY, None, None, given, {"AKOOL_BASE_URL": environ})
    assert config == Config(API_KEY, None, None, used)
    local = used is not None and "localhost" in used
    assert config.is_local is local
    assert config.described() == f"{used or DEFAULT_SERVER} with API key"


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:1", True),
        ("http://127.9.9.9", True),
        ("http://[::1]", True),
        ("http://a.localhost", True),
        ("http://10.0.0.1", False),
        ("http://localhost.example", False),
        (None, False),
    ],
)
def test_this_machine_is_known_by_any_of_its_names(url, local):
    assert Config(None, "me", "secret", url).is_local is local
    assert Config(None, "me", "secret", url).described() == (
        f"{url or DEFAULT_SERVER} with client id me"
    )


def test_half_a_pair_makes_no_token():
    assert Config(None, "me", "secret", None).pair == ("me", "secret")
    for config in (Config(None, None, "secret", None), Config(None, "me", None, None)):
        with pytest.raises(ConfigurationError) as caught:
            _ = config.pair
        assert caught.value.args[0] == (
            "A token needs the pair: set AKOOL_CLIENT_ID and AKOOL_CLIENT_SECRET; in code, pass "
            "client_id= and client_secret="
        )
