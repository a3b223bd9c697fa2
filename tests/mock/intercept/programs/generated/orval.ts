import { detectFacesLegacy, listResults, swapImagePro } from "./api";

declare const process: { env: Record<string, string> };

async function main(): Promise<void> {
  const key = { headers: { "x-api-key": process.env.AKOOL_API_KEY } };
  const face = [{ path: "https://example.com/a.jpg" }];
  const job = (await swapImagePro({ sourceImage: face, targetImage: face }, key)).data;
  if (job.code !== 1000) throw new Error(JSON.stringify(job));
  const list = (await listResults({ _ids: job.data._id }, key)).data;
  if (list.code !== 1000) throw new Error(JSON.stringify(list));
  const picture = { single_face: false, image_url: "https://example.com/a.jpg" };
  const faces = (await detectFacesLegacy(picture, key)).data;
  if (!("landmarks" in faces)) throw new Error(JSON.stringify(faces));
  console.log(list.data.result[0]._id === job.data._id, faces.landmarks.length);
}

main();
