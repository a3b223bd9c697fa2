import java.net.URI; import java.net.http.*; import java.util.HexFormat; import java.util.regex.*;
public class Program {
  static final HttpClient HTTP = HttpClient.newHttpClient();
  static HttpRequest.Builder to(String url) {
    return HttpRequest.newBuilder(URI.create(url)).header("x-api-key", System.getenv("AKOOL_API_KEY"))
      .header("content-type", "application/json");
  }
  static String text(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString()).body();
  }
  static String part(String text, String name) {
    Matcher found = Pattern.compile("\"" + name + "\":\"?([^\",}]+)").matcher(text);
    found.find(); return found.group(1);
  }
  public static void main(String[] arguments) throws Exception {
    String api = "https://openapi.akool.com", face = "[{\"path\":\"https://example.com/a.jpg\"}]";
    String body = "{\"sourceImage\":" + face + ",\"targetImage\":" + face + "}";
    String job = part(text(to(api + "/api/open/v4/faceswap/faceswapByImage").POST(HttpRequest.BodyPublishers.ofString(body))), "_id");
    String item;
    do { item = text(to(api + "/api/open/v3/faceswap/result/listbyids?_ids=" + job)); } while (!part(item, "faceswap_status").equals("3"));
    byte[] file = HTTP.send(to(part(item, "url")).build(), HttpResponse.BodyHandlers.ofByteArray()).body();
    System.out.println(part(item, "faceswap_status") + " " + HexFormat.of().formatHex(file, 0, 2));
    text(to(api + "/api/open/v3/faceswap/result/delbyids").POST(HttpRequest.BodyPublishers.ofString("{\"_ids\":\"" + job + "\"}")));
  }
}
