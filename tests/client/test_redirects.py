"""Where a download lets itself be led: to the web only, as safely as before, and not for ever."""

from __future__ import annotations

import pytest
from tests.client.test_transfer import NOWHERE, URL, redirected, transfer

from akool_faceswap import AkoolError
from akool_faceswap._core.download import DroppedError


@pytest.mark.parametrize(
    ("start", "to", "then"),
    [
        (URL, "/y", "https://a.example/y"),
        (URL, "https://b.example/y", "https://b.example/y"),
        ("http://a.example/x", "http://b.example/y", "http://b.example/y"),
        ("http://a.example/x", "https://b.example:1/y", "https://b.example:1/y"),
        (URL, "http://b.example/y", None),
        ("HTTPS://a.example/x", "http://b.example/y", None),
        (URL, "https://10.0.0.1/y", None),
        (URL, "https://b.example:0/y", None),
        (URL, "https://b.example:99999/y", None),
        (URL, "https://[", None),
        (URL, "", None),
        ("http://a.example/x", "ftp://b.example/y", None),
        ("http://a.example/x", "http://", "http://a.example/x"),
    ],
)
def test_a_redirect_is_followed_to_the_web_only_and_as_safely_as_before(start, to, then) -> None:
    it = transfer(url=start)
    if then is None:
        with pytest.raises(AkoolError) as caught:
            it.head(302, {"location": to})
        assert caught.value.args == (NOWHERE,)
    else:
        assert it.head(302, {"location": to}) is False
        assert it.url == then
        # The next attempt begins at the beginning.
        it.pause(DroppedError("x"), 60.0, lambda: 0.0)
        assert it.url == start


@pytest.mark.parametrize(
    ("start", "to"), [(URL, "https://10.0.0.2/y"), ("https://10.0.0.1/x", "https://10.0.0.2/y")]
)
def test_a_private_server_may_redirect_to_another(start, to) -> None:
    it = transfer(url=start, local=True)
    it.head(307, {"location": to})
    assert it.url == to


def test_redirects_are_counted_up_to_an_answer() -> None:
    it = redirected(5)
    it.head(200, {})
    for number in range(5):
        it.head(302, {"location": f"/{number}"})
    assert it.url == "https://a.example/4"


PUBLIC, PRIVATE = "8.8.8.8", "10.0.0.1"


@pytest.mark.parametrize(
    ("peers", "local", "refused"),
    [
        ([PUBLIC, PRIVATE], False, True),
        ([None, PUBLIC, None, PUBLIC, PRIVATE], False, True),
        ([PUBLIC, PRIVATE], True, False),
        ([PUBLIC, PUBLIC], False, False),
        # All peers are one proxy.
        ([PRIVATE, PRIVATE], False, False),
        ([PRIVATE, PUBLIC, PRIVATE], False, False),
        ([None], False, False),
    ],
)
def test_a_public_server_must_not_lead_to_a_private_one(peers, local, refused) -> None:
    it = transfer(local=local)
    for peer in peers[:-1]:
        it.reached(peer)
    if refused:
        with pytest.raises(AkoolError) as caught:
            it.reached(peers[-1])
        assert caught.value.args == (NOWHERE,)
    else:
        it.reached(peers[-1])
