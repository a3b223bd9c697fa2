package main

import (
	"context"
	"fmt"
	"os"

	api "github.com/stranger/faceswap"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	key := map[string]api.APIKey{"ApiKeyAuth": {Key: os.Getenv("AKOOL_API_KEY")}}
	ctx := context.WithValue(context.Background(), api.ContextAPIKeys, key)
	client := api.NewAPIClient(api.NewConfiguration())
	face := []api.FaceImageWithOpts{*api.NewFaceImageWithOpts("https://example.com/a.jpg")}
	swap := *api.NewImageFaceswapProRequest(face, face)
	job, _, err := client.FaceSwapAPI.SwapImagePro(ctx).ImageFaceswapProRequest(swap).Execute()
	check(err)
	id := job.SwapImageProResponse.Data.Id
	list, _, err := client.FaceSwapAPI.ListResults(ctx).Ids(id).Execute()
	check(err)
	picture := api.NewFaceDetectRequest(false)
	picture.SetImageUrl("https://example.com/a.jpg")
	faces, _, err := client.FaceDetectionLegacyAPI.DetectFacesLegacy(ctx).FaceDetectRequest(*picture).Execute()
	check(err)
	fmt.Println(list.ListResultsResponse.Data.Result[0].Id == id, len(faces.FaceDetectResponse.Landmarks))
}
