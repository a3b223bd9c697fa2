"""Ids that the API does not list among others: too many at once, or really unknown."""

import httpx2
import pytest
from tests.client.conftest import Vendor, job_id

from akool_faceswap import InvalidParameterError, JobNotFound

ASKED = [job_id(n) for n in range(30)]


def sizes(vendor):
    return [len(r.url.params["_ids"].split(",")) for r in vendor.sent("/listbyids")]


@pytest.mark.parametrize("most", [1, 2, 7])
def test_a_server_that_silently_lists_only_so_many_is_asked_for_so_many(both, most):
    """Seen from here, most of the ids do not exist: until they are asked for alone."""
    vendor = Vendor(statuses=lambda _name, _looks: 3 if both.clock.passed > 120 else 2)
    listing = vendor._list

    def short(request):
        answer = listing(request).json()
        answer["data"]["result"] = answer["data"]["result"][:most]
        return httpx2.Response(200, json=answer)

    vendor._list = short
    results = both.run(vendor, lambda client: client.wait_all(ASKED))
    assert [result.id for result in results] == ASKED
    assert max(sizes(vendor)[-10:]) <= most


@pytest.mark.parametrize("unknown", [1, 20])
def test_ids_that_nobody_knows_are_given_up_and_the_others_go_on_together(both, unknown):
    lost = set(ASKED[:unknown])

    def status(name, _looks):
        if name in lost:
            return None
        return 3 if both.clock.passed > 120 else 2

    vendor = Vendor(statuses=status)

    async def scenario(client):
        outcomes = await client.wait_all(ASKED, return_errors=True)
        missing = {
            n for n, each in zip(ASKED, outcomes, strict=True) if isinstance(each, JobNotFound)
        }
        assert missing == lost
        with pytest.raises(JobNotFound) as caught:
            await client.job(ASKED[0]).wait()
        assert caught.value.job_id == ASKED[0]

    both.run(vendor, scenario)
    assert len(ASKED) - unknown in sizes(vendor)  # still asked for in one request
    alone = [r for r in vendor.sent("/listbyids") if r.url.params["_ids"] == ASKED[0]]
    assert alone  # never given up on the word of an answer about others


def test_a_size_that_is_refused_while_others_are_missing_is_found_too(both):
    """Both at once: more than ten are refused, one of them does not exist."""
    vendor = Vendor(statuses=lambda name, looks: None if name == ASKED[3] else min(looks, 3))
    vendor.max_ids = 10
    outcomes = both.run(vendor, lambda client: client.wait_all(ASKED, return_errors=True))
    errors = {n: o for n, o in zip(ASKED, outcomes, strict=True) if isinstance(o, Exception)}
    assert set(errors) == {ASKED[3]}
    assert isinstance(errors[ASKED[3]], JobNotFound)
    assert not isinstance(errors[ASKED[3]], InvalidParameterError)
    assert [size for size in sizes(vendor) if size > 10] == [30, 15]
