"""The pages in a real browser: Debian's Chromium, driven by Playwright's Python package."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from akool_mock import Clock, MockServer, Settings

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
V3 = "/api/open/v3/faceswap"
FACE = [{"path": "https://a.example/face.png"}]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        message = (
            f"no browser: none of {', '.join(NAMES)} is on the PATH (apt-get install chromium)"
        )
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    # Chromium refuses to run its sandbox as root, which is what containers have.
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(
            executable_path=found, args=["--no-sandbox"] if root else []
        )
        yield running
        running.close()


@pytest.fixture
def mock() -> Iterator[MockServer]:
    """A simulator whose clock stands still until somebody moves it."""
    with MockServer(clock=Clock(1_800_000_000.0, frozen=True)) as server:
        yield server
        assert not server.simulator.failures


@pytest.fixture
def http(mock: MockServer) -> Iterator[httpx2.Client]:
    with httpx2.Client(
        base_url=mock.url, headers={"x-api-key": mock.api_key}, trust_env=False
    ) as client:
        yield client


@pytest.fixture
def page(browser: Any, mock: MockServer) -> Iterator[Any]:
    """A page that must ask nobody else for anything and meet no error."""
    elsewhere: list[str] = []
    errors: list[str] = []
    context = browser.new_context()
    context.set_default_timeout(20_000)
    opened = context.new_page()

    def gate(route: Any) -> None:
        if route.request.url.startswith((mock.url, "data:")):
            route.fallback()
        else:
            elsewhere.append(route.request.url)
            route.abort()

    def noted(said: Any) -> None:
        # What the control plane refuses is said on the page too, and a test looks for it there.
        if said.type == "error" and "400 (Bad Request)" not in said.text:
            errors.append(said.text)

    context.route("**/*", gate)
    opened.on("console", noted)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert (elsewhere, errors) == ([], [])


@pytest.fixture
def board(page: Any, mock: MockServer) -> Any:
    """The dashboard, connected."""
    page.goto(f"{mock.url}/_mock/")
    page.wait_for_selector("#link-chip.good")
    return page


def submit(http: httpx2.Client, name: str = "photo-64x48.png", **more: Any) -> str:
    body = {"sourceImage": FACE, "targetImage": FACE, "modifyImage": f"https://a.example/{name}"}
    answer = http.post(f"{V3}/highquality/specifyimage", json={**body, **more}).json()
    assert answer["code"] == 1000, answer
    return str(answer["data"]["_id"])


def expect(where: Any) -> Any:
    return playwright.expect(where, "")


def test_a_job_appears_by_itself_and_time_makes_its_picture(
    board: Any, http: httpx2.Client
) -> None:
    job = board.get_by_label(f"job {submit(http)}")
    expect(job.get_by_text("in queue")).to_be_visible()
    board.get_by_role("button", name="+1 s", exact=True).click()
    expect(job.get_by_text("processing")).to_be_visible()
    board.get_by_role("button", name="+10 s").click()
    expect(job.get_by_text("success")).to_be_visible()
    picture = job.get_by_role("img")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 64)


def test_what_is_copied_from_the_top_works_at_a_terminal(board: Any, mock: MockServer) -> None:
    board.context.grant_permissions(["clipboard-read", "clipboard-write"])
    board.get_by_role("button", name="Copy First call").click()
    line = board.evaluate("navigator.clipboard.readText()")
    board.get_by_role("button", name="Copy API key").click()
    assert board.evaluate("navigator.clipboard.readText()") == mock.api_key
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["code"] == 1000
    expect(board.locator(".card")).to_have_count(1)


def test_a_key_of_ones_own_is_not_shown(browser: Any) -> None:
    own = "0123456789abcdef"
    with MockServer(settings=Settings(api_key=own)) as mock:
        page = browser.new_page()
        page.goto(f"{mock.url}/_mock/")
        expect(page.locator("#start")).to_contain_text("x-api-key: $AKOOL_API_KEY")
        assert own not in page.content()
        page.close()


def test_a_video_can_be_played(board: Any, http: httpx2.Client) -> None:
    body = {"sourceImage": FACE, "targetImage": FACE, "modifyVideo": "https://a.example/c.mp4"}
    http.post(f"{V3}/highquality/specifyvideo", json=body)
    board.get_by_role("button", name="+10 s").click()
    video = board.locator("video")
    expect(video).to_be_visible()
    length = """video => video.duration || new Promise(known => {
        video.ondurationchange = () => known(video.duration);
    })"""
    assert video.evaluate(length) > 1


def test_jobs_can_be_finished_failed_and_deleted(board: Any, http: httpx2.Client) -> None:
    done, failed, gone = (board.get_by_label(f"job {submit(http)}") for _ in range(3))
    done.get_by_role("button", name="Finish").click()
    expect(done.get_by_text("success")).to_be_visible()
    failed.get_by_role("button", name="Fail").click()
    expect(failed.get_by_text("failed")).to_be_visible()
    gone.get_by_role("button", name="Delete").click()
    expect(gone).to_have_count(0)


def test_requests_are_shown_as_they_come_with_code_and_bodies(
    board: Any, http: httpx2.Client
) -> None:
    http.get(f"{V3}/quota/info")
    http.post(f"{V3}/result/delbyids", json={"_ids": ""})
    rows = board.locator("#requests details")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("deleteResults")
    expect(rows.first).to_contain_text("200 · 1003")
    rows.first.locator("summary").click()
    expect(rows.first.locator("pre").first).to_have_text('{\n  "_ids": ""\n}')


def test_a_fault_switch_acts_at_once_and_can_be_taken_back(board: Any, http: httpx2.Client) -> None:
    switch = board.get_by_role("switch", name="Gateway error")
    switch.click()
    expect(switch).to_be_checked()
    assert http.get(f"{V3}/quota/info").status_code == 502
    switch.click()
    expect(switch).not_to_be_checked()
    assert http.get(f"{V3}/quota/info").status_code == 200


def test_a_rule_can_be_added_for_one_operation_and_a_number_of_times(
    board: Any, http: httpx2.Client
) -> None:
    board.get_by_label("fault", exact=True).select_option("code")
    board.get_by_label("value").fill("1006")
    board.get_by_label("operation").select_option("getCredit")
    board.get_by_label("times").fill("1")
    board.get_by_role("button", name="Add").click()
    expect(board.locator(".rule")).to_contain_text("getCredit · 1 more")
    assert [http.get(f"{V3}/quota/info").json()["code"] for _ in range(2)] == [1006, 1000]
    expect(board.locator(".rule")).to_have_count(0)


def test_what_the_simulator_refuses_is_said(board: Any) -> None:
    board.get_by_label("value").fill("soon")
    board.get_by_role("button", name="Add").click()
    expect(board.get_by_role("alert")).to_contain_text("'soon' is not one of: milliseconds")


def test_the_clock_runs_and_stands_still_at_will(board: Any, mock: MockServer) -> None:
    board.get_by_role("button", name="Resume").click()
    expect(board.get_by_role("button", name="Freeze")).to_be_visible()
    assert not mock.clock.state.frozen
    board.get_by_role("button", name="Freeze").click()
    expect(board.locator("#clock-chip")).to_contain_text("frozen")


def test_webhooks_are_shown_and_can_be_sent_again(
    board: Any, http: httpx2.Client, mock: MockServer
) -> None:
    told: list[str] = []
    mock.simulator.receiver = lambda url, _body: told.append(url) or 200  # type: ignore[func-returns-value]
    submit(http, webhookUrl="http://127.0.0.1:9/hook")
    board.get_by_role("button", name="+10 s").click()
    rows = board.locator("#webhooks details")
    expect(rows.get_by_text("delivered")).to_have_count(2)
    rows.first.get_by_role("button", name="Send again").click()
    expect(rows.get_by_text("delivered")).to_have_count(3)
    assert told == ["http://127.0.0.1:9/hook"] * 3


def test_credits_are_set_where_they_are_shown(board: Any, http: httpx2.Client) -> None:
    credit = board.get_by_label("credits")
    credit.fill("7")
    credit.press("Enter")
    board.get_by_role("button", name="Ban").click()
    expect(board.get_by_role("button", name="Lift ban")).to_be_visible()
    assert http.get(f"{V3}/quota/info").json()["code"] == 1200
    board.get_by_role("button", name="Lift ban").click()
    expect(board.get_by_role("button", name="Ban", exact=True)).to_be_visible()
    assert http.get(f"{V3}/quota/info").json()["data"] == {"credit": 7}


def test_a_reset_asks_first_and_empties_the_page(board: Any, http: httpx2.Client) -> None:
    submit(http)
    expect(board.locator(".card")).to_have_count(1)
    board.get_by_role("button", name="Reset all").click()
    expect(board.locator(".card")).to_have_count(1)
    board.get_by_role("button", name="Sure?").click()
    expect(board.locator(".card")).to_have_count(0)
    expect(board.get_by_text("No jobs yet")).to_be_visible()
    expect(board.locator("#requests details")).to_have_count(0)


def test_what_a_request_carries_stays_text(board: Any, http: httpx2.Client) -> None:
    hostile = "<img src=x onerror=document.title='owned'>"
    http.post(f"{V3}/result/delbyids", json={"_ids": hostile})
    http.get(f"/{hostile}", params={"q": hostile})
    row = board.locator("#requests details").nth(1)
    row.locator("summary").click()
    expect(row.locator("pre").first).to_contain_text(hostile)
    expect(board.locator("#requests img")).to_have_count(0)
    assert board.title() == "Face Swap simulator"


def test_the_chosen_theme_is_kept(board: Any) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    before = board.evaluate(ground)
    board.get_by_role("button", name="Light or dark").click()
    after = board.evaluate(ground)
    board.reload()
    assert before != after == board.evaluate(ground)


def test_the_reference_shows_every_operation_and_tries_them_out_here(
    page: Any, mock: MockServer
) -> None:
    page.goto(f"{mock.url}/_mock/docs")
    expect(page.locator(".opblock")).to_have_count(len(mock.simulator.contract.operations))
    page.get_by_role("button", name="Authorize").first.click()
    page.locator("input[type=text], input[type=password]").first.fill(mock.api_key)
    page.locator(".auth-container button[type=submit]").first.click()
    page.locator(".btn-done").first.click()
    block = page.locator(".opblock", has_text="/quota/info")
    block.locator(".opblock-summary").click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    expect(block.locator(".live-responses-table")).to_contain_text('"credit": 1000')
    [entry] = mock.simulator.journal.since(0)
    assert (entry.operation, entry.response.status) == ("getCredit", 200)


def test_a_page_of_another_origin_can_neither_read_nor_act(
    browser: Any, mock: MockServer, http: httpx2.Client
) -> None:
    submit(http)
    attack = """async (url) => {
        const tries = [
            fetch(url + '/_mock/state'),
            fetch(url + '/_mock/reset', { method: 'POST', mode: 'no-cors', body: '{}' }),
        ];
        return (await Promise.allSettled(tries)).map((one) => one.value?.status ?? 'refused');
    }"""
    with MockServer() as other:
        page = browser.new_page()
        page.goto(f"{other.url}/_mock/docs")
        page.goto(f"{other.url}/nothing-here")  # a page without a policy of its own
        seen = page.evaluate(attack, mock.url)
        page.close()
    assert seen == ["refused", 0]  # 0: an answer that the page may not look into
    assert len(mock.simulator.jobs) == 1


def test_the_first_call_stands_above_all_and_fits_a_phone(board: Any) -> None:
    figures = board.locator("#figures")
    for width in (390, 1280):
        board.set_viewport_size({"width": width, "height": 844})
        for name in ("Copy API key", "Copy First call"):
            box = board.get_by_role("button", name=name).bounding_box()
            assert box["y"] + box["height"] <= figures.bounding_box()["y"]
            assert box["x"] + box["width"] <= width


def test_the_switches_come_before_the_jobs_on_a_phone(board: Any, http: httpx2.Client) -> None:
    for _ in range(20):
        submit(http)
    board.set_viewport_size({"width": 390, "height": 844})
    expect(board.get_by_label("job ").first).to_be_visible()
    jobs = board.locator("section.jobs").bounding_box()
    for title in ("Clock", "Faults", "Accounts"):
        panel = board.get_by_role("region", name=title).bounding_box()
        assert panel["y"] + panel["height"] <= jobs["y"]
        assert panel["x"] >= 0
        assert panel["x"] + panel["width"] <= 390


def test_the_switches_stay_in_sight_while_jobs_scroll(board: Any, http: httpx2.Client) -> None:
    board.set_viewport_size({"width": 1280, "height": 800})
    for _ in range(40):
        submit(http)
    expect(board.get_by_label("job ").nth(30)).to_be_attached()
    board.mouse.move(300, 500)
    board.mouse.wheel(0, 3000)
    expect(board.get_by_role("region", name="Clock")).to_be_in_viewport()
