"""Stands for your application: a Myinfo app over requests_oauth2client. Nothing in here knows that it talks to a mock."""

import secrets

import requests
from jwskate import JweCompact, Jwk, JwkSet, SignedJwt
from requests_oauth2client import OAuth2Client, PrivateKeyJwt


class RelyingParty:
    def __init__(self, issuer, client_id, redirect_uri, keys):
        signing, self.decryption = (Jwk(next(key for key in keys if key["use"] == use)) for use in ("sig", "enc"))
        self.client = OAuth2Client.from_discovery_endpoint(
            f"{issuer}/.well-known/openid-configuration",
            issuer=issuer,
            auth=PrivateKeyJwt(client_id, signing, alg="ES256", aud=issuer),
            redirect_uri=redirect_uri,
            id_token_signed_response_alg="ES256",
            id_token_encrypted_response_alg="ECDH-ES+A256KW",
            id_token_decryption_key=self.decryption,
            dpop_bound_access_tokens=True,
            # plain http: the mock on loopback alone has it
            testing=issuer.startswith("http:"),
        )

    def begin(self, scope):
        """Pushes the request. Gives the address for the browser, and what its session has to keep."""
        request = self.client.authorization_request(
            scope=scope, state=secrets.token_urlsafe(), nonce=secrets.token_urlsafe()
        )
        return str(self.client.pushed_authorization_request(request)), request

    def finish(self, callback, request):
        """Exchanges the callback for the person."""
        # the package does not take a DPoP token for one of its own with `validate=True`
        tokens = self.client.authorization_code(request.validate_callback(callback), validate=False)
        claims = self._opened(str(tokens.id_token))
        if claims["nonce"] != request.nonce:
            raise ValueError("the ID token is of another login")
        # the package's own `userinfo()` expects plain JSON
        answer = requests.get(self.client.userinfo_endpoint, auth=tokens)
        answer.raise_for_status()
        told = self._opened(answer.text)
        if told["sub"] != claims["sub"]:
            raise ValueError("the data are of another person")
        return told["person_info"]

    def _opened(self, document):
        """The claims of a document that was encrypted for us and signed by the service."""
        signed = SignedJwt(JweCompact(document).decrypt(self.decryption))
        published = JwkSet(requests.get(self.client.jwks_uri).json())
        if not signed.verify_signature(published.get_jwk_by_kid(signed.kid), alg="ES256"):
            raise ValueError("the signature is not the service's")
        if (signed.claims["iss"], signed.claims["aud"]) != (self.client.issuer, self.client.client_id):
            raise ValueError("the document is not for us")
        return signed.claims
