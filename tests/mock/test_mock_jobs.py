"""What becomes of a job: states, result list, result file, deletion."""

import io

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from akool_mock._world.ids import created_at, job_number, result_name, unfold
from akool_mock._world.jobs import Plan, Status

plans = st.builds(
    Plan,
    queue_s=st.floats(0, 1e6),
    processing_s=st.floats(0, 1e6),
    outcome=st.integers(0, 99),
    stuck=st.sampled_from([0, 1, 2]),
    list_lag_s=st.floats(0, 1e6),
)
ages = st.floats(0, 1e7)


@given(plans, ages, ages)
def test_a_job_never_goes_back_to_an_earlier_stage(plan, one, other):
    def stage(age):
        status = plan.status(age)
        begun = [0.0, *(at for at, _ in plan.transitions())]
        return sum(at <= age for at in begun), status

    (early, _), (late, _) = stage(min(one, other)), stage(max(one, other))
    assert early <= late


@given(plans, ages)
def test_the_state_is_that_of_the_last_transition_that_has_happened(plan, age):
    happened = [status for at, status in plan.transitions() if at <= age]
    assert plan.status(age) == (happened[-1] if happened else Status.IN_QUEUE)


@given(plans, ages, st.sampled_from([1, 2, 3, 4, 7]), st.floats(0, 1e6))
def test_a_forced_state_holds_from_then_on(plan, age, status, later):
    forced = plan.forced(age, status)
    assert forced.status(age) == status
    assert forced.status(age + later) == status


@given(
    st.integers(0, 2**96 - 1).map(lambda value: f"{value:024x}"),
    st.from_regex(r"[A-Za-z0-9._-]{1,100}", fullmatch=True),
    st.sampled_from(["jpg", "png", "mp4", "jpeg"]),
)
def test_a_result_name_leads_back_to_its_job(object_id, stem, extension):
    assert unfold(result_name(object_id, stem, extension)) == object_id


@given(st.text(max_size=200))
def test_a_name_that_is_not_a_result_leads_nowhere(name):
    object_id = unfold(name)
    assert object_id is None or len(object_id) == 24


def test_identifiers_have_the_observed_forms(api):
    job = api.submit()
    assert job["_id"][:8] == f"{int(api.START):08x}"
    assert job["job_id"][:18] == "20270115075959997-"
    assert job["url"].startswith("http://mock.localhost/final_photo-640x480-")
    assert job["url"].endswith(".png")
    assert created_at(api.START) == "2027-01-15T08:00:00.000Z"
    assert job_number(job["_id"], api.START) == job["job_id"]


def test_the_same_calls_with_the_same_seed_give_the_same_answers(make):
    one, other = make(seed=7), make(seed=7)
    assert [one.submit() for _ in range(3)] == [other.submit() for _ in range(3)]
    assert make(seed=8).submit() != one.submit()


def test_a_job_goes_from_queue_to_processing_to_success_as_time_passes(api):
    job = api.submit()["_id"]
    seen = [api.status(job)]
    for _ in range(3):
        api.server.advance(1)
        seen.append(api.status(job))
    assert seen == [1, 2, 2, 3]


def test_asking_does_not_move_a_job(api):
    job = api.submit()["_id"]
    assert {api.status(job) for _ in range(20)} == {1}


@pytest.mark.parametrize("operation", ["IMAGE", "VIDEO", "PRO", "PLUS"])
def test_every_submit_makes_a_job_that_the_list_knows(api, operation):
    path = getattr(api, operation)
    data = api.submit(api.bodies()[path], path)
    assert ("url" in data) == (operation in {"IMAGE", "VIDEO"})
    assert api.status(data["_id"]) == 1


def test_a_listed_job_has_the_documented_fields_and_no_others(api):
    item = api.listed(api.submit()["_id"])[0]
    assert set(item) == {
        "faceswap_type", "faceswap_quality", "faceswap_status", "deduction_status", "image",
        "video_duration", "deduction_duration", "update_time", "_id", "userId", "uid", "url",
        "createdAt",
    }  # fmt: skip
    assert item["createdAt"] == created_at(api.START)
    assert item["video_duration"] == 0


def test_observed_extra_fields_can_be_switched_on(make):
    api = make(extra_fields=True, failure_rate=1.0, failure_text="generate temp file error")
    job = api.submit()
    assert "alg_msg" not in api.listed(job["_id"])[0]
    api.server.advance(10)
    item = api.listed(job["_id"])[0]
    assert item["job_id"] == job["job_id"]
    assert item["alg_msg"] == "generate temp file error"


def test_unknown_ids_are_left_out_of_the_list(api):
    jobs = [api.submit() for _ in range(2)]
    asked = [jobs[1]["_id"], "64dae65af6e250d4fb2bca63", jobs[0]["job_id"], jobs[0]["_id"]]
    assert [item["_id"] for item in api.listed(*asked)] == [jobs[1]["_id"], jobs[0]["_id"]]
    assert api.listed("64dae65af6e250d4fb2bca63") == []


def test_many_jobs_are_listed_in_one_request(api):
    ids = [api.submit()["_id"] for _ in range(200)]
    assert [item["_id"] for item in api.listed(*ids)] == ids


def test_a_deleted_job_stays_deleted(api):
    kept, gone = api.submit(), api.submit()
    assert api.post(api.DELETE, {"_ids": f"{gone['_id']},unknown"}) == {"code": 1000, "msg": "OK"}
    api.server.advance(100)
    assert [item["_id"] for item in api.listed(kept["_id"], gone["_id"])] == [kept["_id"]]
    assert api.file(gone["url"]).status == 404


def test_the_failure_rate_is_kept(make):
    api = make(failure_rate=0.3, credits=1e6)
    ids = [api.submit()["_id"] for _ in range(300)]
    api.server.advance(10)
    failed = sum(item["faceswap_status"] == 4 for item in api.listed(*ids))
    assert 50 < failed < 130


def test_durations_are_settings(make):
    api = make(queue_s=60.0, processing_s=3600.0)
    job = api.submit()["_id"]
    seen = []
    for step in (59, 1, 3599, 1):
        api.server.advance(step)
        seen.append(api.status(job))
    assert seen == [1, 2, 2, 3]


def test_the_oldest_jobs_go_when_there_are_too_many(make):
    api = make(max_jobs=3, credits=1e6)
    ids = [api.submit()["_id"] for _ in range(5)]
    assert [item["_id"] for item in api.listed(*ids)] == ids[2:]


def test_memory_does_not_grow_with_jobs_that_were_deleted(make):
    api = make(credits=1e6)
    for _ in range(3000):
        api.post(api.DELETE, {"_ids": api.submit()["_id"]})
    assert len(api.sim.jobs) == 0
    assert len(api.sim.world.jobs._order) < 2000


@pytest.mark.parametrize(
    ("name", "size", "kind"),
    [
        ("photo-640x480.png", (640, 480), "PNG"),
        ("photo.jpg", (1024, 768), "JPEG"),
        ("photo.JPEG?x=1#y", (1024, 768), "JPEG"),
        ("a_32x16.webp", (32, 16), "WEBP"),
        ("b.bmp", (1024, 768), "BMP"),
        ("mock.size=77x33.gif", (77, 33), "GIF"),
        ("noextension", (1024, 768), "JPEG"),
        ("file.tiff", (1024, 768), "JPEG"),
    ],
)
def test_the_result_is_a_picture_of_the_targets_type_and_size(api, name, size, kind):
    url = api.submit(api.image(f"https://example.com/{name}"))["url"]
    api.server.advance(3)
    answer = api.file(url)
    picture = Image.open(io.BytesIO(answer.content()))
    assert (answer.status, picture.size, picture.format) == (200, size, kind)


def test_results_of_different_jobs_look_different(api):
    urls = [api.submit()["url"] for _ in range(2)]
    api.server.advance(3)
    one, other = (api.file(url).content() for url in urls)
    assert one != other
    assert api.file(urls[0]).content() == one


def test_there_is_no_file_before_success_nor_after_failure(make):
    api = make(failure_rate=0.0)
    good, bad = api.submit()["url"], api.submit(x_akool_mock="job=failed")["url"]
    assert api.file(good).status == 403
    api.server.advance(2)
    assert api.file(good).status == 403
    api.server.advance(1)
    assert (api.file(good).status, api.file(bad).status) == (200, 403)


def test_a_result_is_gone_after_seven_days_of_mock_time(api):
    url = api.submit()["url"]
    api.server.advance(3 + 7 * 86_400 - 1)
    assert api.file(url).status == 200
    api.server.advance(2)
    assert api.file(url).status == 404


@pytest.mark.parametrize(
    ("asked", "span"),
    [("bytes=0-9", (0, 10)), ("bytes=100-", (100, None)), ("bytes=-5", (-5, None))],
)
def test_a_range_of_a_result_is_served(api, asked, span):
    url = api.submit()["url"]
    api.server.advance(3)
    whole = api.file(url)
    part = api.file(url, range=asked)
    assert part.status == 206
    assert part.content() == whole.content()[slice(*span)]
    assert api.file(url, range=asked, if_range='"other"').status == 200
    assert api.file(url, range=asked, if_range=whole.header(b"etag").decode()).status == 206


@pytest.mark.parametrize(("asked", "status"), [("bytes=0-9", 206), ("bytes=99999999-", 416)])
def test_a_range_of_what_is_not_drawn_yet_is_drawn_by_the_transport(api, asked, status):
    url = api.submit()["url"]
    api.server.advance(3)
    answer = api.file(url, range=asked)
    assert answer.body == b""
    assert not answer.plain
    part, whole = answer.content(), api.file(url).content()
    assert (answer.status, part) == (status, whole[:10] if status == 206 else b"")
    span = b"0-9" if status == 206 else b"*"
    assert answer.header(b"content-range") == b"bytes %s/%d" % (span, len(whole))
    assert api.file(url, range=asked).plain


def test_a_range_beyond_the_end_is_refused(api):
    url = api.submit()["url"]
    api.server.advance(3)
    size = len(api.file(url).content())
    answer = api.file(url, range=f"bytes={size}-")
    assert (answer.status, answer.header(b"content-range")) == (416, b"bytes */%d" % size)
    assert api.file(url, range="bytes=nonsense").status == 200


@pytest.mark.parametrize(
    ("name", "seconds", "size"),
    [("clip.mp4", 5.0, (320, 240)), ("mock.length=2500.size=130x98.mov", 2.5, (130, 98))],
)
def test_the_result_of_a_video_is_a_playable_film_of_its_length(api, name, seconds, size):
    url = api.submit(api.video(f"https://example.com/{name}"), api.VIDEO)["url"]
    api.server.advance(3)
    with av.open(io.BytesIO(api.file(url).content())) as film:
        stream = film.streams.video[0]
        frames = [frame.to_image() for frame in film.decode(video=0)]
        assert stream.codec_context.name == "h264"
        assert (stream.width, stream.height) == size
        assert film.duration / av.time_base == seconds
    assert len(frames) == -(-seconds // 1)
    assert len(frames[0].getcolors(maxcolors=1 << 20)) > 10
    assert frames[0].tobytes() != frames[1].tobytes()


def test_a_large_film_is_scaled_down(api):
    url = api.submit(api.video("https://example.com/mock.size=3840x2160.mp4"), api.VIDEO)["url"]
    api.server.advance(3)
    with av.open(io.BytesIO(api.file(url).content())) as film:
        assert (film.streams.video[0].width, film.streams.video[0].height) == (1280, 720)
