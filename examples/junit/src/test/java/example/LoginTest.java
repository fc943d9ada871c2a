package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;

@Testcontainers
class LoginTest {
  // static: one container for all tests of this class
  @Container
  private static final Mock MOCK = new Mock();

  private RelyingParty party;

  @BeforeEach
  void registered() throws Exception {
    MOCK.reset();
    JWKSet keys = new JWKSet(List.of(
        new ECKeyGenerator(Curve.P_256).keyUse(KeyUse.SIGNATURE).algorithm(JWSAlgorithm.ES256).keyID("sig").generate(),
        new ECKeyGenerator(Curve.P_256).keyUse(KeyUse.ENCRYPTION).algorithm(JWEAlgorithm.ECDH_ES_A256KW).keyID("enc")
            .generate()));
    party = MOCK.party("MYxAPPx0000000000000000000000001", "http://localhost:8080/callback", keys);
  }

  @Test
  void aPersonWhoAgreesIsKnownByName() throws Exception {
    RelyingParty.Login login = party.begin("openid uinfin name");
    Map<String, Object> person = party.finish(MOCK.logIn(login.address(), "S6005048A"), login);
    assertEquals("ANDY LAU", ((Map<?, ?>) person.get("name")).get("value"));
    MOCK.assertNoRuleBroken(Map.of("par", 1, "auth", 1, "token", 1, "userinfo", 1));
  }

  @Test
  void aPersonWhoCancelsIsNoFailureOfYours() throws Exception {
    RelyingParty.Login login = party.begin("openid uinfin name");
    var callback = MOCK.logIn(login.address(), "error:access_denied");
    RelyingParty.Refused refused = assertThrows(RelyingParty.Refused.class, () -> party.finish(callback, login));
    assertEquals("access_denied", refused.getMessage());
    MOCK.assertNoRuleBroken(Map.of("token", 0));
  }

  @Test
  void aTokenThatWasNotSignedByTheServiceIsRefused() throws Exception {
    // what no real service does for you: it misbehaves on demand
    MOCK.arm("fapi-id-token-signer");
    RelyingParty.Login login = party.begin("openid uinfin");
    var callback = MOCK.logIn(login.address(), "S6005048A");
    assertThrows(RelyingParty.Untrusted.class, () -> party.finish(callback, login));
  }
}
