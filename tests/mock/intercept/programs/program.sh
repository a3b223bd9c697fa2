set -eu
api=https://openapi.akool.com
say() { curl -sS --fail -H "x-api-key: $AKOOL_API_KEY" -H "content-type: application/json" "$@"; }
face='[{"path":"https://example.com/a.jpg"}]'
answer=$(say "$api/api/open/v4/faceswap/faceswapByImage" -d "{\"sourceImage\":$face,\"targetImage\":$face}")
job=$(printf %s "$answer" | sed 's/.*"_id":"\([^"]*\)".*/\1/')
while :; do
  item=$(say "$api/api/open/v3/faceswap/result/listbyids?_ids=$job")
  case $item in *'"faceswap_status":3'*) break ;; esac
done
url=$(printf %s "$item" | sed 's/.*"url":"\([^"]*\)".*/\1/')
printf '3 %s\n' "$(say "$url" | head -c 2 | od -An -tx1 | tr -d ' ')"
say "$api/api/open/v3/faceswap/result/delbyids" -d "{\"_ids\":\"$job\"}" >&2
