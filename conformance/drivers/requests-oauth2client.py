"""Drives the PyPI package requests_oauth2client, its code untouched, for myinfo-conformance: `python requests-oauth2client.py`.

The package checks the ID token; of userinfo it knows JSON alone, so the application opens the document with jwskate, the JOSE library
that the package is built on, and verifies it with the keys that the package fetched. What the package leaves to the application is done once,
here, as a careful application would: `sub` of userinfo is compared with the ID token, and the data are read in `person_info`.
"""

import importlib.metadata
import json

import requests
from jwskate import JweCompact, Jwk, SignedJwt
from mdp import serve
from requests_oauth2client import BearerToken, OAuth2Client, PrivateKeyJwt
from requests_oauth2client import exceptions, tokens
from requests_oauth2client.exceptions import AuthorizationResponseError, InvalidAuthResponse, OAuth2Error

NAME = "requests_oauth2client"


class Session(requests.Session):
    """With a time limit for every answer, and without proxies of the environment."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds
        self.trust_env = False

    def request(self, method, url, **kwargs):
        kwargs["timeout"] = self.seconds
        return super().request(method, url, **kwargs)


class Refused(Exception):
    """What the application refuses by itself."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


class Driver:
    def __init__(self):
        self.setup = None
        self.client = None
        self.sessions = {}
        self.begun = 0

    def hello(self, message):
        if 1 not in message["versions"]:
            return {"unsupported": True}
        return {
            "version": 1,
            "name": NAME,
            "connector_version": importlib.metadata.version(NAME),
            "language": "Python",
            "profiles": ["fapi"],
            "capabilities": ["login_app", "acr", "timeout", "person", "claims"],
        }

    def configure(self, message):
        self.reset(message)
        self.setup, self.client = message["setup"], None
        keys = json.loads(self.setup["private_jwks"])["keys"]
        of = lambda use: [Jwk(key) for key in keys if key.get("use") == use and "d" in key]
        if not of("sig") or not of("enc"):
            return {"result": "config_error", "message": "the JWK Set lacks a private key: the driver picks them by `use`"}
        self.signing, self.decryption = of("sig")[0], of("enc")[0]
        return {"result": "ok"}

    def connected(self):
        """The client out of the discovery document, which an application makes once."""
        if self.client is None:
            setup = self.setup
            self.client = OAuth2Client.from_discovery_endpoint(
                setup["discovery_url"],
                issuer=setup["issuer"],
                # the package's own default is the address of the endpoint
                auth=PrivateKeyJwt(setup["client_id"], self.signing, alg="ES256", aud=setup["issuer"]),
                session=Session(setup.get("timeout_seconds", 30)),
                redirect_uri=setup["redirect_uri"],
                id_token_signed_response_alg="ES256",
                id_token_encrypted_response_alg="ECDH-ES+A256KW",
                id_token_decryption_key=self.decryption,
                dpop_bound_access_tokens=True,
                testing=setup["issuer"].startswith("http:"),
            )
        return self.client

    def start(self, _message):
        if self.setup is None:
            return {"result": "error", "message": "not configured"}
        setup = self.setup
        more = {
            "authentication_context_type": setup.get("context_type"),
            "authentication_context_message": setup.get("context_message"),
            "acr_values": " ".join(setup.get("acr_values", [])) or None,
        }
        try:
            client = self.connected()
            request = client.authorization_request(
                scope=setup["scopes"], **{name: value for name, value in more.items() if value}
            )
            pushed = client.pushed_authorization_request(request)
        except Exception as error:
            return {"result": "error", **refusal(error, "pushed_request")}
        self.begun += 1
        session = f"s{self.begun}"
        self.sessions[session] = (client, request)
        return {"result": "url", "url": str(pushed), "session": session}

    def callback(self, message):
        # taken out: a login is finished once, whatever comes of it
        kept = self.sessions.pop(message["session"], None)
        if kept is None:
            return rejected("state", "no session", "no login is under way in this session")
        endpoint = "token_request"
        try:
            client, request = kept
            callback = request.validate_callback(message["url"])
            # with `validate=True` the package makes its checks, and then cannot make its own DPoP token anew
            answer = client.authorization_code(callback, validate=False)
            bearer = BearerToken(access_token=answer.access_token, id_token=answer.id_token)
            claims = bearer.validate_id_token(client, callback).id_token.claims
            if self.setup["app"] == "login":
                return {"outcome": "accepted", "person": None, "claims": claims}
            endpoint = "person_request"
            return {"outcome": "accepted", "person": self.person(client, answer, claims), "claims": claims}
        except Exception as error:
            return {"outcome": "rejected", **refusal(error, endpoint)}

    def person(self, client, answer, claims):
        told = client.session.get(client.userinfo_endpoint, auth=answer, allow_redirects=False)
        told.raise_for_status()
        if told.status_code != 200:
            raise Refused("transport", f"userinfo answered {told.status_code}")
        signed = SignedJwt(JweCompact(told.text).decrypt(self.decryption))
        key = client.authorization_server_jwks.get_jwk_by_kid(signed.kid)
        if not signed.verify_signature(key, alg="ES256"):
            raise Refused("signature", "the signature of userinfo")
        found = signed.claims
        for name, expected in (("iss", client.issuer), ("aud", client.client_id), ("sub", claims.get("sub"))):
            if found.get(name) != expected:
                kinds = {"iss": "issuer", "aud": "audience", "sub": "subject"}
                raise Refused(kinds[name], f"{name} of userinfo")
        if not isinstance(found.get("person_info"), dict):
            raise Refused("malformed", "userinfo has no person_info")
        return found["person_info"]

    def reset(self, _message):
        self.sessions.clear()
        return {}

    def bye(self, _message):
        return {}


def rejected(kind, native, message):
    return {"outcome": "rejected", "class": kind, "native": native, "message": message}


# the package's own classes, in the suite's words
KINDS = (
    (exceptions.MismatchingState, "state"),
    (exceptions.MismatchingIssuer, "issuer"),
    (exceptions.MissingIssuer, "issuer"),
    (InvalidAuthResponse, "malformed"),
    (tokens.MismatchingIdTokenIssuer, "issuer"),
    (tokens.MismatchingIdTokenNonce, "nonce"),
    (tokens.MismatchingIdTokenAudience, "audience"),
    (tokens.MismatchingIdTokenAzp, "audience"),
    (tokens.MismatchingIdTokenAcr, "level"),
    (tokens.MismatchingIdTokenAlg, "algorithm"),
    (tokens.UnsupportedIdTokenAlg, "algorithm"),
    (tokens.ExpiredIdToken, "expiry"),
)


def refusal(error, endpoint):
    """An error of the package, without its words: they quote tokens and requests."""
    native = type(error).__name__
    said = lambda kind: {"class": kind, "native": native, "message": native}
    if isinstance(error, Refused):
        return {"class": error.kind, "native": native, "message": str(error)}
    if isinstance(error, AuthorizationResponseError):
        later = error.error in ("server_error", "temporarily_unavailable")
        return said("access_denied" if error.error == "access_denied" else "upstream" if later else "authorisation")
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    if status is not None and (status >= 500 or status == 429):
        return said("upstream")
    if isinstance(error, requests.HTTPError) and endpoint == "person_request":
        return said("no_profile" if status == 400 else endpoint)
    if isinstance(error, OAuth2Error):
        return said(endpoint if status is not None and status >= 400 else "malformed")
    if isinstance(error, requests.RequestException) and not isinstance(error, requests.JSONDecodeError):
        return said("transport")
    # what the JOSE library and the parsers of JSON raise
    unread = "decryption" if "Decrypt" in native or "Tag" in native else "signature" if "Signature" in native else "malformed"
    return said(next((kind for known, kind in KINDS if isinstance(error, known)), unread))


serve(Driver())
