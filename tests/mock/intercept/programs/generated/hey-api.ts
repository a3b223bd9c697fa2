import { client } from "./api/client.gen";
import { detectFacesLegacy, listResults, swapImagePro } from "./api";

declare const process: { env: Record<string, string> };

async function main(): Promise<void> {
  client.setConfig({ auth: (way) => (way.type === "apiKey" ? process.env.AKOOL_API_KEY : undefined) });
  const face = [{ path: "https://example.com/a.jpg" }];
  const job = await swapImagePro({ body: { sourceImage: face, targetImage: face } });
  if (job.data?.code !== 1000) throw new Error(JSON.stringify(job.error));
  const list = await listResults({ query: { _ids: job.data.data._id } });
  if (list.data?.code !== 1000) throw new Error(JSON.stringify(list.error));
  const faces = await detectFacesLegacy({
    baseUrl: "https://sg3.akool.com",
    body: { single_face: false, image_url: "https://example.com/a.jpg" },
  });
  if (!faces.data || !("landmarks" in faces.data)) throw new Error(JSON.stringify(faces.error));
  console.log(list.data.data.result[0]._id === job.data.data._id, faces.data.landmarks.length);
}

main();
