"""The published PyPI package requests_oauth2client, its code untouched, through the whole flow over FAPI.

As a program, for the real host names: `python relying_party.py DIRECTORY`, DIRECTORY being what `myinfo-mock export` wrote.
Prints uinfin and name.
"""

import json
import re
import sys
import uuid
from pathlib import Path

import requests
from jwskate import JweCompact, Jwk, JwkSet, SignedJwt
from requests_oauth2client import OAuth2Client, PrivateKeyJwt

MYINFO = "TESTBEDxMYINFOxAPPx0000000000001"
LOGIN = "TESTBEDxLOGINxAPPx00000000000002"


class RelyingParty:
    """One application. `audience` is that of its assertions; the package's own default is the address of the endpoint."""

    def __init__(self, issuer, directory, audience=None):
        env = Path(directory, "env").read_text()
        setting = lambda name: re.search(f"^export MYINFO_FAPI_{name}='(.*)'$", env, re.MULTILINE)[1]
        keys = json.loads(Path(directory, "client-jwks-private.json").read_text())["keys"]
        signing, self.decryption = (Jwk(key) for key in keys)
        self.client = OAuth2Client.from_discovery_endpoint(
            f"{issuer}/.well-known/openid-configuration",
            issuer=issuer,
            auth=PrivateKeyJwt(setting("CLIENT_ID"), signing, alg="ES256", aud=audience),
            redirect_uri=setting("REDIRECT_URL"),
            id_token_signed_response_alg="ES256",
            id_token_encrypted_response_alg="ECDH-ES+A256KW",
            id_token_decryption_key=self.decryption,
            dpop_bound_access_tokens=True,
            # plain http on the loopback address, where it is one
            testing=issuer.startswith("http:"),
        )

    def opened(self, document):
        """The claims of an encrypted, signed document, by the keys that the service publishes."""
        signed = SignedJwt(JweCompact(document).decrypt(self.decryption))
        published = JwkSet(requests.get(self.client.jwks_uri).json())
        assert signed.verify_signature(published.get_jwk_by_kid(signed.kid), alg="ES256"), "the signature"
        claims = signed.claims
        assert (claims["iss"], claims["aud"]) == (self.client.issuer, self.client.client_id), claims
        return claims

    def login(self, persona, scope, **parameters):
        """Logs a persona in; gives the claims of the ID token, and the token for userinfo."""
        request = self.client.authorization_request(
            scope=scope, state=str(uuid.uuid4()), nonce=str(uuid.uuid4()), **parameters
        )
        pushed = self.client.pushed_authorization_request(request)
        browser = requests.get(str(pushed), headers={"X-Myinfo-Mock-Persona": persona}, allow_redirects=False)
        assert browser.status_code == 302, browser.text
        callback = request.validate_callback(browser.headers["location"])
        # with `validate=True` the package takes a DPoP token for none of its own
        tokens = self.client.authorization_code(callback, validate=False)
        claims = self.opened(str(tokens.id_token))
        assert claims["nonce"] == request.nonce
        return claims, tokens

    def userinfo(self, claims, tokens):
        """What userinfo says of who logged in. The package's own `userinfo()` expects JSON."""
        answer = requests.get(self.client.userinfo_endpoint, auth=tokens)
        answer.raise_for_status()
        told = self.opened(answer.text)
        assert told["sub"] == claims["sub"]
        return told["person_info"]


if __name__ == "__main__":
    issuer = "https://stg-id.singpass.gov.sg/fapi"
    party = RelyingParty(issuer, sys.argv[1], audience=issuer)
    person = party.userinfo(*party.login("S6005048A", "openid uinfin name"))
    print("person", person["uinfin"]["value"], person["name"]["value"])
