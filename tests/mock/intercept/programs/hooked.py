"""A program with a webhook receiver of its own, as a stranger wrote it; the other one is far away."""

import json, os, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.request import Request, urlopen

seen, done = [], threading.Event()


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        seen.append(self.path + " " + self.headers.get("x-akool-mock-webhook-url", ""))
        self.send_response(200)
        self.end_headers()
        if len(seen) == int(sys.argv[2]):
            done.set()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", int(sys.argv[1])), Hook)
threading.Thread(target=server.serve_forever, daemon=True).start()
key = {"x-api-key": os.environ["AKOOL_API_KEY"], "content-type": "application/json"}
face = [{"path": "https://example.com/a.jpg"}]
for hook in (f"http://127.0.0.1:{server.server_port}/own", "https://far.example/hook"):
    body = {"sourceImage": face, "targetImage": face, "webhookUrl": hook}
    url = "https://openapi.akool.com/api/open/v4/faceswap/faceswapByImage"
    urlopen(Request(url, json.dumps(body).encode(), key), timeout=20).read()
assert done.wait(60)
print(sorted(set(seen)))
