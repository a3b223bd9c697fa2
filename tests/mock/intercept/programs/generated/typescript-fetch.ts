import { Configuration, FaceDetectionLegacyApi, FaceSwapApi } from "./api";

declare const process: { env: Record<string, string> };

async function main(): Promise<void> {
  const apiKey = process.env.AKOOL_API_KEY;
  const api = new FaceSwapApi(new Configuration({ apiKey }));
  const old = new FaceDetectionLegacyApi(
    new Configuration({ apiKey, basePath: "https://sg3.akool.com" }),
  );
  const face = [{ path: "https://example.com/a.jpg" }];
  const job = await api.swapImagePro({
    imageFaceswapProRequest: { sourceImage: face, targetImage: face },
  });
  if (job.code !== 1000) throw new Error(JSON.stringify(job));
  const list = await api.listResults({ ids: job.data.id });
  if (list.code !== 1000) throw new Error(JSON.stringify(list));
  const faces = await old.detectFacesLegacy({
    faceDetectRequest: { singleFace: false, imageUrl: "https://example.com/a.jpg" },
  });
  if (!("landmarks" in faces)) throw new Error(JSON.stringify(faces));
  console.log(list.data.result[0].id === job.data.id, faces.landmarks.length);
}

main();
