"""`make pictures`: the pictures of the docs, taken from real runs. Needs Chromium.

    python scripts/pictures.py [dashboard] [report] [terminal] [pages]

The dashboard with jobs in every state, the conformance report of a run against the simulator, and
`make demo` at a terminal go into docs/pictures. `pages` shows the built site, for whoever changes
it: those pictures go into build/pictures. All but the terminal are light and dark, wide and narrow.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from playwright.sync_api import sync_playwright

from akool_faceswap import FaceSwap
from akool_mock import MockServer, Settings
from asciicast import draw, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
PAGES = ROOT / "build" / "pictures"
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES = ((1280, 860), (390, 844))
SHOWN = (
    "index", "getting-started", "tutorial", "mock", "verify", "comparison", "contract",
    "how-it-works",
)  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser]:
    """A real browser."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        sys.exit("pictures: no chromium on the PATH: install it, or name it with CHROMIUM=")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


def shots(address: str, target: Path) -> None:
    """A page in each theme and size, as TARGET-light-1280.png and so on."""
    with chromium() as browser:
        for theme in THEMES:
            for width, height in SIZES:
                shown = browser.new_page(
                    viewport={"width": width, "height": height},
                    color_scheme=theme,
                    reduced_motion="reduce",  # the terminal, all at once
                )
                shown.goto(address)
                shown.wait_for_timeout(1500)  # what comes by events, and pictures
                wide = shown.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    print(f"pictures: {target.name} is {wide} wide at {width}", file=sys.stderr)
                shown.screenshot(path=target.with_name(f"{target.name}-{theme}-{width}.png"))
                shown.close()


def dashboard() -> None:
    """Jobs in every state, as the dashboard shows them."""
    with MockServer(settings=Settings(queue_s=4, processing_s=6)) as mock:
        with FaceSwap(mock.api_key, base_url=mock.url) as client:
            for name in ("beach-640x480.jpg", "portrait-480x640.png", "party-800x600.jpg"):
                client.swap_image(
                    "https://example.com/new.jpg",
                    "https://example.com/old.jpg",
                    f"https://example.com/{name}",
                )
                mock.advance(5)
            client.swap_plus("https://example.com/new.jpg", "https://example.com/clip.mp4")
            client.credit()
            mock.clock.freeze()
        shots(mock.url + "/_mock/", PICTURES / "dashboard")


def report() -> None:
    """The report of `verify` on a simulator that was told to break two promises."""
    with MockServer(settings=Settings(queue_s=0.2, processing_s=0.2)) as mock:
        mock.control.add_fault("webhook=unsigned", operation="swapVideo")
        mock.control.add_fault("type=html", operation="getCredit", probability=0.2)
        with tempfile.TemporaryDirectory() as folder:
            html = Path(folder) / "report.html"
            command = [
                *("akool-faceswap", "verify", "--base-url", mock.url, "--profile", "quick"),
                *("--client-id", mock.client_id, "--client-secret", mock.client_secret),
                *("--allow-submit", "--max-credits", "1000", "--allow-delete"),
                *("--webhook-listen", "127.0.0.1:0", "--seed", "1", "--report", f"html={html}"),
            ]
            subprocess.run(command, check=False, capture_output=True)  # 1 is what the picture shows
            shots(html.as_uri(), PICTURES / "report")


def terminal() -> None:
    """`make demo`, recorded and drawn."""
    cast = record(["make", "--no-print-directory", "demo"], "make demo", ROOT)
    (PICTURES / "terminal.cast").write_text(cast, encoding="utf-8")
    (PICTURES / "terminal.svg").write_text(draw(cast), encoding="utf-8")


def pages() -> None:
    """Eight pages of the built site: run `make docs` first."""
    PAGES.mkdir(parents=True, exist_ok=True)
    for name in SHOWN:
        shots((ROOT / "site" / f"{name}.html").as_uri(), PAGES / name)


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for take in [globals()[name] for name in sys.argv[1:] or ["dashboard", "report", "terminal"]]:
        take()
