"""A swap with a library that a stranger likes: with a token, with faces, with opts."""

import importlib, os, sys, time

web = importlib.import_module(sys.argv[1])
API = "https://openapi.akool.com/api/open/v3"
me = {"clientId": os.environ["AKOOL_CLIENT_ID"], "clientSecret": os.environ["AKOOL_CLIENT_SECRET"]}
bearer = {"Authorization": "Bearer " + web.post(API + "/getToken", json=me).json()["token"]}


def face(url):
    body = {"single_face": True, "image_url": url}
    found = web.post(
        "https://sg3.akool.com/detect", json=body, headers={"Authorization": "Bearer null"}
    )
    return {"path": url, "opts": found.json()["landmarks_str"]}


body = {
    "sourceImage": [face("https://example.com/new.jpg")],
    "targetImage": [face("https://example.com/old.jpg")],
    "modifyImage": "https://example.com/photo.jpg",
    "face_enhance": 1,
}
swap = "/faceswap/highquality/specifyimage"
job = web.post(API + swap, json=body, headers=bearer).json()["data"]["_id"]
while True:
    listed = web.get(API + "/faceswap/result/listbyids", params={"_ids": job}, headers=bearer)
    (item,) = listed.json()["data"]["result"]
    if item["faceswap_status"] > 2:
        break
    time.sleep(0.1)
print(item["faceswap_status"], web.get(item["url"]).content[:2].hex())
web.post(API + "/faceswap/result/delbyids", json={"_ids": job}, headers=bearer)
