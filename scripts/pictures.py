"""`make pictures`: the pictures of the docs, taken from real runs. Needs Chromium.

The dashboard with jobs in every state, the conformance report of a run against the simulator, and a
terminal that swaps one face.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text

from akool_faceswap import FaceSwap
from akool_mock import MockServer, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
COLUMNS = 100


@contextmanager
def page() -> Iterator[Page]:
    """A page of a real browser."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        sys.exit("pictures: no chromium on the PATH: install it, or name it with CHROMIUM=")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser.new_page(viewport={"width": 1280, "height": 860})
        browser.close()


def dashboard() -> None:
    """Jobs in every state, as the dashboard shows them, light and dark."""
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
        with page() as shown:
            shown.goto(mock.url + "/_mock/")
            shown.wait_for_timeout(1500)
            shown.screenshot(path=PICTURES / "dashboard.png")
            shown.emulate_media(color_scheme="dark")
            shown.wait_for_timeout(500)  # colours change softly
            shown.screenshot(path=PICTURES / "dashboard-dark.png")


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
            with page() as shown:
                shown.goto(html.as_uri())
                shown.screenshot(path=PICTURES / "report.png")


def terminal() -> None:
    """One swap at a terminal: the command's own output, drawn."""
    command = [
        "akool-faceswap", "swap", "image", "--mock",
        "--source", "https://example.com/new-face.jpg",
        "--target", "https://example.com/old-face.jpg",
        "--image", "https://example.com/photo-640x480.jpg",
        "--out", "swapped.jpg",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        said = subprocess.run(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
        ).stdout
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    typed = " \\\n    --".join(" ".join(command).split(" --"))
    console.print(Text(f"$ {typed}\n{said}"))
    console.save_svg(str(PICTURES / "terminal.svg"), title="akool-faceswap")


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for take in [globals()[name] for name in sys.argv[1:] or ["dashboard", "report", "terminal"]]:
        take()
