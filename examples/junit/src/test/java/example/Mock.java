package example;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * The mock in a container: the image of {@code packaging/build}, loaded with {@code docker load} or from your own registry
 * ({@code MYINFO_IMAGE}). It can be reached from elsewhere in there, so its admin API wants a token.
 */
final class Mock extends GenericContainer<Mock> {
  private static final String IMAGE = System.getenv().getOrDefault("MYINFO_IMAGE", "localhost/myinfo-testbed:0.1.0");
  private static final String TOKEN = "only-for-tests";

  private final HttpClient http = HttpClient.newHttpClient();

  Mock() {
    super(DockerImageName.parse(IMAGE));
    withExposedPorts(5156);
    withEnv("MYINFO_MOCK_ADMIN_TOKEN", TOKEN);
    // the image has a health check; this asks the same from outside
    waitingFor(Wait.forHttp("/_mock/health"));
  }

  /** The address of the mock for this machine: the port is another one in every run. */
  String url() {
    return "http://" + getHost() + ":" + getMappedPort(5156);
  }

  /** Your application, registered with keys of its own and pointed at the mock. */
  RelyingParty party(String clientId, String redirectUri, JWKSet keys) throws Exception {
    Map<String, Object> fapi = Map.of("app", "myinfo", "jwks", keys.toPublicJWKSet().toString());
    call("PUT", "clients/" + clientId, Map.of("redirect_uris", new String[] {redirectUri}, "fapi", fapi));
    return new RelyingParty(url() + "/fapi", clientId, redirectUri, keys);
  }

  /** The browser's part, without pages. Gives the address at which your application is called back. */
  URI logIn(URI address, String persona) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(address).header("X-Myinfo-Mock-Persona", persona).build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    return URI.create(answer.headers().firstValue("Location").orElseThrow(() -> new IOException(answer.body())));
  }

  /** Forgets what happened before: requests, armed faults, clients that were registered since the start. */
  void reset() throws IOException, InterruptedException {
    call("POST", "reset", Map.of());
  }

  /** Makes the service misbehave; {@code myinfo-mock faults} lists how. */
  void arm(String fault) throws IOException, InterruptedException {
    call("POST", "faults", Map.of("id", fault));
  }

  /** Fails with every broken rule, its cause and its remedy; {@code called} also counts the requests. */
  void assertNoRuleBroken(Map<String, Integer> called) throws IOException, InterruptedException {
    call("POST", "assertions", Map.of("no_rule_broken", true, "called", called));
  }

  private void call(String method, String operation, Map<String, ?> body) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url() + "/_mock/" + operation))
        .header("Content-Type", "application/json")
        .header("Authorization", "Bearer " + TOKEN)
        .method(method, HttpRequest.BodyPublishers.ofString(JSONObjectUtils.toJSONString(body)))
        .build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    if (answer.statusCode() >= 300) {
      throw new AssertionError(answer.body());
    }
  }
}
