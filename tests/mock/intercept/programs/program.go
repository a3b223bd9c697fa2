package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

const api = "https://openapi.akool.com"

type answer struct {
	Code int
	Data struct {
		ID     string `json:"_id"`
		Result []struct {
			Status int `json:"faceswap_status"`
			URL    string
		}
	}
}

func fetch(method, url, body string) []byte {
	request, _ := http.NewRequest(method, url, strings.NewReader(body))
	request.Header.Set("x-api-key", os.Getenv("AKOOL_API_KEY"))
	request.Header.Set("content-type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	data, _ := io.ReadAll(response.Body)
	return data
}

func call(method, path, body string) (found answer) {
	if err := json.Unmarshal(fetch(method, api+path, body), &found); err != nil || found.Code != 1000 {
		panic(fmt.Sprint(err, found.Code))
	}
	return
}

func main() {
	face := `[{"path":"https://example.com/a.jpg"}]`
	body := fmt.Sprintf(`{"sourceImage":%s,"targetImage":%s}`, face, face)
	job := call("POST", "/api/open/v4/faceswap/faceswapByImage", body).Data.ID
	item := call("GET", "/api/open/v3/faceswap/result/listbyids?_ids="+job, "").Data.Result[0]
	for item.Status < 3 {
		time.Sleep(100 * time.Millisecond)
		item = call("GET", "/api/open/v3/faceswap/result/listbyids?_ids="+job, "").Data.Result[0]
	}
	fmt.Println(item.Status, hex.EncodeToString(fetch("GET", item.URL, "")[:2]))
	call("POST", "/api/open/v3/faceswap/result/delbyids", fmt.Sprintf(`{"_ids":"%s"}`, job))
}
