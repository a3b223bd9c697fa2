"""A browser page that calls both hosts, as the vendor's demo does."""

import sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from playwright.sync_api import sync_playwright

SCRIPT = """async () => {
  const headers = {'Content-Type': 'application/json', Authorization: 'Bearer my-token'};
  const ask = async (url, body) => (await fetch(url, body ? {method: 'POST', headers, body: JSON.stringify(body)} : {headers})).json();
  const path = 'https://x.example/a.jpg';
  const faces = await ask('https://sg3.akool.com/detect', {single_face: true, image_url: path});
  const face = [{path, opts: faces.landmarks_str}];
  const api = 'https://openapi.akool.com/api/open/v3/faceswap/';
  const job = await ask(api + 'highquality/specifyimage', {sourceImage: face, targetImage: face, modifyImage: path, face_enhance: 1});
  let item;
  do { item = (await ask(api + 'result/listbyids?_ids=' + job.data._id)).data.result[0]; } while (item.faceswap_status < 3);
  const file = new Uint8Array(await (await fetch(item.url)).arrayBuffer());
  return item.faceswap_status + ' ' + [...file.slice(0, 2)].map((byte) => byte.toString(16)).join('');
}"""


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()
with sync_playwright() as driver:
    # Of its own accord it trusts a list of its own; and its sandbox is not for root.
    browser = driver.chromium.launch(executable_path=sys.argv[1], args=["--no-sandbox"])
    page = browser.new_context(ignore_https_errors=True).new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    print(page.evaluate(SCRIPT))
    browser.close()
