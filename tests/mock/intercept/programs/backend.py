"""A backend as strangers wrote several: a key of its own, no key where none was ever needed, six points, a webhook far away."""

import base64, hashlib, json, os, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

CLIENT, SECRET = os.environ["AKOOL_CLIENT_ID"], os.environ["AKOOL_CLIENT_SECRET"]
done, seen = threading.Event(), []


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        told = json.loads(self.rfile.read(int(self.headers["content-length"])))
        parts = sorted([CLIENT, str(told["timestamp"]), str(told["nonce"]), told["dataEncrypt"]])
        assert hashlib.sha1("".join(parts).encode()).hexdigest() == told["signature"]
        aes = Cipher(algorithms.AES(SECRET.encode()), modes.CBC(CLIENT.encode()[:16])).decryptor()
        plain = aes.update(base64.b64decode(told["dataEncrypt"])) + aes.finalize()
        event = json.loads(plain[: -plain[-1]])
        seen.append(event["status"])
        self.send_response(200)
        self.end_headers()
        if event["status"] == 3:
            done.set()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", int(sys.argv[1])), Hook)
threading.Thread(target=server.serve_forever, daemon=True).start()
for auth in ({"Authorization": "Bearer token"}, {"Authorization": "Bearer null"}, {}):
    found = requests.post(
        "https://sg3.akool.com/detect", json={"image_url": "https://x.example/a.jpg"}, headers=auth
    )
    assert isinstance(found.json()["landmarks_str"], list)
six = "100,100:120,100:110,120:110,130:100,130:120,130"
face = [{"path": "https://x.example/a.jpg", "opts": six}]
body = {"sourceImage": face, "targetImage": face, "webhookUrl": "https://mine.example/hook"}
url = "https://openapi.akool.com/api/open/v4/faceswap/faceswapByImage"
answer = requests.post(url, json=body, headers={"x-api-key": "a key of a stranger"}).json()
assert answer["code"] == 1000, answer
assert done.wait(60)
print(seen)
