package example;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDHDecrypter;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** Stands for your application: a Myinfo app over nimbus-jose-jwt. Nothing in here knows that it talks to a mock. */
public final class RelyingParty {
  /** The service refused, or the person did; the message is the error's name. */
  public static final class Refused extends Exception {
    Refused(String error) {
      super(error);
    }
  }

  /** Something that came is not to be trusted. */
  public static final class Untrusted extends Exception {
    Untrusted(String message) {
      super(message);
    }
  }

  /** What the browser's session keeps of a login, and the address to send the browser to. */
  public record Login(URI address, String state, String nonce, String verifier, ECKey dpop) {}

  private static final String ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

  private final HttpClient http = HttpClient.newHttpClient();
  private final String issuer;
  private final String clientId;
  private final String redirectUri;
  private final ECKey signing;
  private final ECKey encryption;
  private final Map<String, Object> endpoints;
  private final JWKSet service;

  /** {@code keys} is the private JWK Set: one key to sign with, one to be encrypted for. */
  public RelyingParty(String issuer, String clientId, String redirectUri, JWKSet keys) throws Exception {
    this.issuer = issuer;
    this.clientId = clientId;
    this.redirectUri = redirectUri;
    this.signing = keyFor(keys, KeyUse.SIGNATURE);
    this.encryption = keyFor(keys, KeyUse.ENCRYPTION);
    this.endpoints = JSONObjectUtils.parse(get(issuer + "/.well-known/openid-configuration"));
    this.service = JWKSet.parse(get(endpoint("jwks_uri")));
  }

  private static ECKey keyFor(JWKSet keys, KeyUse use) {
    JWK found = keys.getKeys().stream().filter(key -> use.equals(key.getKeyUse())).findFirst().orElseThrow();
    return found.toECKey();
  }

  /** Pushes the request. */
  public Login begin(String scope) throws Exception {
    String state = UUID.randomUUID().toString();
    String nonce = UUID.randomUUID().toString();
    String verifier = UUID.randomUUID() + "." + UUID.randomUUID();
    ECKey dpop = new ECKeyGenerator(Curve.P_256).generate();
    Map<String, String> form = new LinkedHashMap<>();
    form.put("response_type", "code");
    form.put("redirect_uri", redirectUri);
    form.put("scope", scope);
    form.put("state", state);
    form.put("nonce", nonce);
    form.put("code_challenge", hash(verifier));
    form.put("code_challenge_method", "S256");
    Map<String, Object> pushed = post("pushed_authorization_request_endpoint", form, dpop);
    Map<String, String> query = Map.of("client_id", clientId, "request_uri", (String) pushed.get("request_uri"));
    return new Login(URI.create(endpoint("authorization_endpoint") + "?" + encoded(query)), state, nonce, verifier, dpop);
  }

  /** Exchanges the callback for the person: items by their names. */
  public Map<String, Object> finish(URI callback, Login login) throws Exception {
    Map<String, String> query = decoded(callback.getRawQuery());
    if (!login.state().equals(query.get("state")) || !issuer.equals(query.get("iss"))) {
      throw new Untrusted("the callback is of another login");
    }
    if (query.containsKey("error")) {
      throw new Refused(query.get("error"));
    }
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "authorization_code");
    form.put("code", query.get("code"));
    form.put("redirect_uri", redirectUri);
    form.put("code_verifier", login.verifier());
    Map<String, Object> tokens = post("token_endpoint", form, login.dpop());
    JWTClaimsSet id = opened((String) tokens.get("id_token"));
    if (!login.nonce().equals(id.getStringClaim("nonce")) || id.getExpirationTime().before(new Date())) {
      throw new Untrusted("the ID token is old, or of another login");
    }
    JWTClaimsSet told = opened(userinfo((String) tokens.get("access_token"), login.dpop()));
    if (!id.getSubject().equals(told.getSubject())) {
      throw new Untrusted("the data are of another person");
    }
    return told.getJSONObjectClaim("person_info");
  }

  private String userinfo(String token, ECKey dpop) throws Exception {
    String address = endpoint("userinfo_endpoint");
    return send(HttpRequest.newBuilder(URI.create(address))
        .header("Authorization", "DPoP " + token)
        .header("DPoP", proof("GET", address, dpop, token)));
  }

  /** Decrypts a document that is for us, and verifies that the service signed it. */
  private JWTClaimsSet opened(String document) throws JOSEException, ParseException, Untrusted {
    JWEObject encrypted = JWEObject.parse(document);
    encrypted.decrypt(new ECDHDecrypter(encryption));
    SignedJWT signed = encrypted.getPayload().toSignedJWT();
    JWK key = service.getKeyByKeyId(signed.getHeader().getKeyID());
    // a token does not choose how it is verified: ES256 alone is expected
    if (key == null || !JWSAlgorithm.ES256.equals(signed.getHeader().getAlgorithm())
        || !signed.verify(new ECDSAVerifier(key.toECKey()))) {
      throw new Untrusted("the signature is not the service's");
    }
    JWTClaimsSet claims = signed.getJWTClaimsSet();
    if (!issuer.equals(claims.getIssuer()) || !claims.getAudience().contains(clientId)) {
      throw new Untrusted("the document is not for us");
    }
    return claims;
  }

  /** Sends a form with who we are (RFC 7523) and a proof of the session's key (RFC 9449). */
  private Map<String, Object> post(String name, Map<String, String> form, ECKey dpop) throws Exception {
    Instant now = Instant.now();
    JWTClaimsSet assertion = new JWTClaimsSet.Builder()
        .issuer(clientId).subject(clientId).audience(issuer).jwtID(UUID.randomUUID().toString())
        .issueTime(Date.from(now)).expirationTime(Date.from(now.plusSeconds(60))).build();
    JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.ES256).type(JOSEObjectType.JWT).keyID(signing.getKeyID()).build();
    form.put("client_id", clientId);
    form.put("client_assertion_type", ASSERTION_TYPE);
    form.put("client_assertion", signed(header, assertion, signing));
    String address = endpoint(name);
    return JSONObjectUtils.parse(send(HttpRequest.newBuilder(URI.create(address))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("DPoP", proof("POST", address, dpop, null))
        .POST(HttpRequest.BodyPublishers.ofString(encoded(form)))));
  }

  private static String proof(String method, String address, ECKey dpop, String token) throws Exception {
    JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder()
        .claim("htm", method).claim("htu", address).jwtID(UUID.randomUUID().toString()).issueTime(new Date());
    if (token != null) {
      claims.claim("ath", hash(token));
    }
    JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.ES256)
        .type(new JOSEObjectType("dpop+jwt")).jwk(dpop.toPublicJWK()).build();
    return signed(header, claims.build(), dpop);
  }

  private static String signed(JWSHeader header, JWTClaimsSet claims, ECKey key) throws JOSEException {
    SignedJWT token = new SignedJWT(header, claims);
    token.sign(new ECDSASigner(key));
    return token.serialize();
  }

  private String get(String address) throws Exception {
    return send(HttpRequest.newBuilder(URI.create(address)));
  }

  private String send(HttpRequest.Builder request) throws IOException, InterruptedException, Refused {
    var answer = http.send(request.build(), BodyHandlers.ofString());
    if (answer.statusCode() >= 300) {
      throw new Refused(answer.uri().getPath() + " answered " + answer.statusCode());
    }
    return answer.body();
  }

  private String endpoint(String name) {
    return (String) endpoints.get(name);
  }

  private static String hash(String text) throws NoSuchAlgorithmException {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return Base64URL.encode(MessageDigest.getInstance("SHA-256").digest(bytes)).toString();
  }

  private static String encoded(Map<String, String> pairs) {
    return pairs.entrySet().stream()
        .map(pair -> pair.getKey() + "=" + URLEncoder.encode(pair.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private static Map<String, String> decoded(String query) {
    return Arrays.stream(query.split("&")).map(pair -> pair.split("=", 2))
        .collect(Collectors.toMap(pair -> pair[0], pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
  }
}
