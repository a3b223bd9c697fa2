"""Webhook deliveries: whatever the bytes, an event or one error family."""

import base64
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_faceswap import (
    ConfigurationError,
    InvalidRequestError,
    JobStatus,
    WebhookError,
    WebhookPayloadError,
    WebhookReplayError,
    WebhookSignatureError,
    WebhookTimestampError,
    webhooks,
)

CLIENT_ID = "MDEyMzQ1Njc4OWFiY2RlZg=="
SECRET = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY"
SENT_MS = 1710757981609
EVENT = {
    "_id": "6593c94c0ef703e8c055e3c8",
    "status": 3,
    "type": "faceswap",
    "url": "https://cdn.example/final_a.jpg",
}
# Made with two independent implementations, which agree byte for byte.
VECTORS = [
    (
        "0123456789abcdef",
        "0123456789abcdefghijklmn",
        (
            "23rqs/oNipeKaE207ohiC5r/zQlibhKOHwrcRR82eaJr1XOSD83VnnU7hOv1PmRYGo8VOJHJ+AN/vRHHlVAfGpUr"
            "SNanwbYtcjw4FY2+5qXkDrigz0tN1L+cz+8FWgtvEM3iQDK+rl8Gf7Y1LtIMng=="
        ),
        "25eab75f92e615ef7053f0ddcf2a6e2f2b1586f8",
    ),
    (
        CLIENT_ID,
        SECRET,
        (
            "KE34bFhGqt4kAKH+0C8XVHZVyu2dcsLiRfq5vKEc9Ze9zUDPjyZ64kRumurpdMiF48wDILuP6741e/ogYO0IRwX9"
            "3vdDCaW9BDK37idJSMJX0L/JIUJ4oQ74/leXVW9iOurdFslXUIN0yCEOPj7seQ=="
        ),
        "a42e40caf8975c2d2909bf82c497babb02eb1da3",
    ),
]


def wrap(event=EVENT, *, client_id=CLIENT_ID, secret=SECRET, timestamp_ms=SENT_MS, nonce="1529"):
    return webhooks.wrap(
        event, client_id=client_id, client_secret=secret, timestamp_ms=timestamp_ms, nonce=nonce
    )


def unwrap(body, *, client_id=CLIENT_ID, secret=SECRET, now_ms=SENT_MS, **checks):
    return webhooks.unwrap(
        body, client_id=client_id, client_secret=secret, now=lambda: now_ms / 1000, **checks
    )


def signed(data, *, timestamp=SENT_MS, nonce="1529"):
    """A correctly signed envelope around any data: the clientId is all that a forger needs."""
    signature = webhooks._sign(CLIENT_ID, str(timestamp), str(nonce), data)
    body = {"signature": signature, "dataEncrypt": data, "timestamp": timestamp, "nonce": nonce}
    return json.dumps(body).encode()


@pytest.mark.parametrize(("client_id", "secret", "data", "signature"), VECTORS)
def test_the_known_vectors_are_made_and_opened_byte_for_byte(client_id, secret, data, signature):
    body = json.loads(wrap(client_id=client_id, secret=secret))
    assert (body["dataEncrypt"], body["signature"]) == (data, signature)
    event = unwrap(json.dumps(body).encode(), client_id=client_id, secret=secret)
    assert (event.id, event.status, event.url) == (EVENT["_id"], JobStatus.SUCCESS, EVENT["url"])
    assert (event.timestamp_ms, event.nonce, event.raw) == (SENT_MS, "1529", EVENT)


@given(
    secret=st.sampled_from([16, 24, 32]).flatmap(
        lambda size: st.text(st.characters(codec="ascii"), min_size=size, max_size=size)
    ),
    client_id=st.text(min_size=1).filter(lambda text: text.isprintable()),
    event=st.dictionaries(st.text(), st.one_of(st.none(), st.integers(), st.text())).map(
        lambda extra: {**extra, "_id": "a1", "status": 3}
    ),
    nonce=st.text(),
    timestamp_ms=st.integers(0, 10**15),
)
def test_what_was_wrapped_is_unwrapped(secret, client_id, event, nonce, timestamp_ms):
    try:
        body = wrap(
            event, client_id=client_id, secret=secret, timestamp_ms=timestamp_ms, nonce=nonce
        )
    except (InvalidRequestError, ConfigurationError, WebhookPayloadError):
        assert not json.dumps([event, nonce, client_id], ensure_ascii=False).isascii()
        return
    opened = unwrap(body, client_id=client_id, secret=secret, now_ms=timestamp_ms)
    assert opened.raw == event
    assert (opened.nonce, opened.timestamp_ms) == (nonce, timestamp_ms)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=8,
)
envelopes = st.fixed_dictionaries(
    {},
    optional={
        "signature": json_values,
        "dataEncrypt": json_values,
        "timestamp": json_values,
        "nonce": json_values,
    },
)


@given(
    st.one_of(
        st.binary(),
        json_values.map(lambda value: json.dumps(value).encode()),
        envelopes.map(lambda value: json.dumps(value).encode()),
        st.just(b"[" * 200_000),
    )
)
def test_any_bytes_are_an_event_or_a_webhook_error(body):
    with pytest.raises(WebhookError):
        unwrap(body)


@given(st.one_of(st.text(), st.binary().map(lambda raw: base64.b64encode(raw).decode())))
def test_data_signed_by_a_forger_is_an_event_or_a_webhook_error(data):
    try:
        body = signed(data)
    except WebhookError:
        return
    with pytest.raises(WebhookError):
        unwrap(body)


@given(json_values)
def test_any_decrypted_value_is_an_event_or_a_webhook_error(value):
    plain = json.dumps(value).encode()
    data = base64.b64encode(webhooks._encrypt(plain, CLIENT_ID, SECRET)).decode()
    with pytest.raises(WebhookError):
        unwrap(signed(data))


@pytest.mark.parametrize("body", ["text", {"signature": "x"}, None, 7])
def test_a_parsed_body_is_refused_with_the_reason(body):
    with pytest.raises(WebhookPayloadError, match="raw bytes"):
        unwrap(body)


def test_a_body_without_bounds_is_not_read():
    with pytest.raises(WebhookPayloadError, match="larger than"):
        unwrap(b" " * (webhooks.MAX_BODY_BYTES + 1))


@pytest.mark.parametrize("client_id", ["other-client-id-0123456=", "MDEyMzQ1Njc4OWFiY2RlZg="])
def test_a_delivery_for_somebody_else_is_refused(client_id):
    with pytest.raises(WebhookSignatureError):
        unwrap(wrap(client_id=client_id))


@given(st.integers(0, 39), st.sampled_from("0123456789abcdef\u00e9"))
def test_one_changed_character_breaks_the_signature(position, letter):
    body = json.loads(wrap())
    original = body["signature"]
    body["signature"] = original[:position] + letter + original[position + 1 :]
    if body["signature"] == original:
        assert unwrap(json.dumps(body).encode()).id == EVENT["_id"]
    else:
        with pytest.raises(WebhookSignatureError):
            unwrap(json.dumps(body).encode())


@given(st.integers(-(10**9), 10**9))
def test_the_time_window_has_two_sides(off_ms):
    body = wrap()
    if abs(off_ms) <= webhooks.TOLERANCE_MS:
        assert unwrap(body, now_ms=SENT_MS + off_ms).id == EVENT["_id"]
    else:
        with pytest.raises(WebhookTimestampError):
            unwrap(body, now_ms=SENT_MS + off_ms)
        assert unwrap(body, now_ms=SENT_MS + off_ms, tolerance_ms=None).id == EVENT["_id"]


def test_the_wrong_secret_is_a_payload_error():
    with pytest.raises(WebhookPayloadError, match="decrypt"):
        unwrap(wrap(secret="0" * 32))


@pytest.mark.parametrize("secret", ["", "short", "x" * 33, None])
def test_a_secret_that_is_no_key_is_a_configuration_error(secret):
    with pytest.raises(ConfigurationError, match="client_secret"):
        unwrap(wrap(), secret=secret)


def test_missing_cryptography_names_the_extra(monkeypatch):
    body = wrap()
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(ConfigurationError, match=r"akool-faceswap\[webhook\]"):
        unwrap(body)
    with pytest.raises(ConfigurationError, match=r"akool-faceswap\[webhook\]"):
        wrap()


@pytest.mark.parametrize("status", [1, 2, 4, 7])
def test_a_url_before_success_is_not_handed_out(status):
    event = unwrap(wrap({**EVENT, "status": status}))
    assert event.url is None
    assert event.raw["url"] == EVENT["url"]


def test_a_status_nobody_documented_is_kept():
    event = unwrap(wrap({**EVENT, "status": 9}))
    assert event.status == 9
    assert not event.status.is_final
    assert not event.status.is_documented


def test_numbers_may_come_as_text_and_text_as_numbers():
    data = json.loads(wrap(nonce="1529"))["dataEncrypt"]
    assert unwrap(signed(data, nonce=1529)).nonce == "1529"
    assert unwrap(signed(data, timestamp=str(SENT_MS))).timestamp_ms == SENT_MS
    assert unwrap(wrap({**EVENT, "status": "3"})).status is JobStatus.SUCCESS


@pytest.mark.parametrize("padding", [b"\0", b" "])
def test_short_client_ids_open_with_either_padding_that_the_vendor_uses(padding):
    plain = json.dumps(EVENT).encode()
    iv = b"short".ljust(16, padding)
    padded = plain + bytes([16 - len(plain) % 16]) * (16 - len(plain) % 16)
    data = base64.b64encode(webhooks._aes(SECRET, iv, padded, encrypt=True)).decode()
    body = {
        "signature": webhooks._sign("short", str(SENT_MS), "1", data),
        "dataEncrypt": data,
        "timestamp": SENT_MS,
        "nonce": "1",
    }
    assert unwrap(json.dumps(body).encode(), client_id="short").raw == EVENT


def test_a_replayed_event_is_refused_even_under_a_new_nonce():
    handled = set()

    def seen(event):
        key = (event.id, event.status)
        return key in handled or handled.add(key)

    assert unwrap(wrap(), seen=seen).id == EVENT["_id"]
    with pytest.raises(WebhookReplayError):
        unwrap(wrap(nonce="1530"), seen=seen)
    assert unwrap(wrap({**EVENT, "status": 2}), seen=seen).status is JobStatus.PROCESSING


def test_an_event_whose_confirmation_broke_down_is_no_replay_next_time():
    handled = []

    def unreachable(_event):
        raise ConnectionError

    with pytest.raises(ConnectionError):
        unwrap(wrap(), confirm=unreachable, seen=handled.append)
    assert handled == []


def test_the_event_returned_is_the_confirmed_one():
    assert unwrap(wrap(), confirm=lambda event: (event.id, "asked")) == (EVENT["_id"], "asked")


def test_an_event_that_is_no_json_is_not_wrapped():
    with pytest.raises(InvalidRequestError):
        wrap({"_id": object()})


def test_the_helper_loads_without_the_http_library():
    code = "import sys, akool_faceswap.webhooks; print('httpx2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (3, 3),
        ("3", 3),
        (" 4 ", 4),
        (3.0, 3),
        (True, 0),
        (None, 0),
        ("x", 0),
        ("9" * 99, 0),
        (2.5, 0),
    ],
)
def test_a_status_is_read_from_whatever_is_there(value, status):
    assert JobStatus.read(value) == status


def test_a_status_is_no_status_when_it_is_no_number():
    with pytest.raises(ValueError, match="not a valid JobStatus"):
        JobStatus("done")


async def confirm_later(event):
    """`AsyncFaceSwap.confirm`, as a caller sees it."""
    return event


def test_a_confirmation_that_would_have_to_be_awaited_is_refused():
    """What came back would be a coroutine: a delivery that nobody confirmed, taken for an event."""
    with pytest.raises(ConfigurationError, match=r"await client\.confirm"):
        unwrap(wrap({"_id": "a", "status": 3}), confirm=confirm_later)


@pytest.mark.parametrize(
    "fields",
    [
        {"signature": "\u00e9" * 40},
        {"nonce": "\ud800"},
        {"nonce": 10**30},
        {"nonce": 1.5},
        {"nonce": True},
        {"timestamp": 1e30},
        {"timestamp": "\u0661"},
        {"timestamp": -1},
    ],
)
def test_fields_that_nobody_could_have_signed_are_refused(fields):
    body = {**json.loads(wrap()), **fields}
    with pytest.raises(WebhookError):
        unwrap(json.dumps(body).encode())


def test_a_number_signed_as_javascript_writes_it_is_accepted():
    data = json.loads(wrap())["dataEncrypt"]
    body = {**json.loads(signed(data, nonce=1529)), "nonce": 1529.0}
    assert unwrap(json.dumps(body).encode()).nonce == "1529"


@pytest.mark.parametrize(
    ("said", "read"), [(4, 4.0), (2.5, 2.5), ("4", None), (True, None), (10**400, None)]
)
def test_credits_taken_are_a_number_or_unknown(said, read):
    assert unwrap(wrap({**EVENT, "deduction_credit": said})).deduction_credit == read


def test_a_byte_order_mark_before_the_body_is_accepted():
    assert unwrap(b"\xef\xbb\xbf" + wrap()).id == EVENT["_id"]


@given(st.integers(1, 6), st.randoms(use_true_random=False))
def test_a_forger_cannot_tell_bad_padding_from_bad_json(blocks, random):
    """Whatever he encrypts, whether or not it is padded: one text, so nothing can be asked."""
    unpadded = random.randbytes(16 * blocks)
    padded = webhooks._encrypt(b"\xff" + random.randbytes(16 * blocks - 2), CLIENT_ID, SECRET)
    no_object = webhooks._encrypt(b"[1]", CLIENT_ID, SECRET)
    texts = set()
    for cipher in (unpadded, padded, no_object):
        with pytest.raises(WebhookPayloadError) as caught:
            unwrap(signed(base64.b64encode(cipher).decode()))
        texts.add(str(caught.value))
    assert len(texts) == 1
