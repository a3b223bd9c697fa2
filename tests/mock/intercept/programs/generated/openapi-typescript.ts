import createClient from "openapi-fetch";
import type { paths } from "./api";

declare const process: { env: Record<string, string> };

async function main(): Promise<void> {
  const headers = { "x-api-key": process.env.AKOOL_API_KEY };
  const api = createClient<paths>({ baseUrl: "https://openapi.akool.com", headers });
  const old = createClient<paths>({ baseUrl: "https://sg3.akool.com", headers });
  const face = [{ path: "https://example.com/a.jpg" }];
  const job = await api.POST("/api/open/v4/faceswap/faceswapByImage", {
    body: { sourceImage: face, targetImage: face },
  });
  if (job.data?.code !== 1000) throw new Error(JSON.stringify(job));
  const list = await api.GET("/api/open/v3/faceswap/result/listbyids", {
    params: { query: { _ids: job.data.data._id } },
  });
  if (list.data?.code !== 1000) throw new Error(JSON.stringify(list));
  const faces = await old.POST("/detect", {
    body: { single_face: false, image_url: "https://example.com/a.jpg" },
  });
  if (!faces.data || !("landmarks" in faces.data)) throw new Error(JSON.stringify(faces));
  console.log(list.data.data.result[0]._id === job.data.data._id, faces.data.landmarks.length);
}

main();
