import https from "node:https";
const API = "https://openapi.akool.com";
const KEY = { "x-api-key": process.env.AKOOL_API_KEY, "content-type": "application/json" };
const plain = (path, body) => new Promise((good, bad) => {
  const request = https.request(API + path, { method: body ? "POST" : "GET", headers: KEY }, (answer) => {
    let text = ""; answer.on("data", (part) => (text += part)).on("end", () => good(JSON.parse(text)));
  });
  request.on("error", bad); request.end(body && JSON.stringify(body));
});
const modern = async (path, body) => (await fetch(API + path,
  { method: body ? "POST" : "GET", headers: KEY, body: body && JSON.stringify(body) })).json();
const call = process.argv[2] === "fetch" ? modern : plain;
const face = [{ path: "https://example.com/a.jpg" }];
const job = (await call("/api/open/v4/faceswap/faceswapByImage", { sourceImage: face, targetImage: face })).data._id;
let item;
do { item = (await call("/api/open/v3/faceswap/result/listbyids?_ids=" + job)).data.result[0]; } while (item.faceswap_status < 3);
const file = Buffer.from(await (await fetch(item.url)).arrayBuffer());
console.log(item.faceswap_status, file.subarray(0, 2).toString("hex"));
await call("/api/open/v3/faceswap/result/delbyids", { _ids: job });
