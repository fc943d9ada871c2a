"""Drives the PyPI package singpass-client, its code untouched, for myinfo-conformance: `python singpass-client.py`.

The package is handed the discovery document as its caller fetched it, and verifies ID token and userinfo; of the ID token it tells nothing.
What it leaves to the application is done once, here: `state` is compared, an error in the callback ends the login, and a login is finished once.
"""

import asyncio
import importlib.metadata
import json
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
from mdp import serve
from singpass_client.client import SingpassOauthClient

NAME = "singpass-client"


class Driver:
    def __init__(self):
        self.setup = None
        self.metadata = None
        self.sessions = {}
        self.begun = 0
        self.folder = tempfile.TemporaryDirectory(prefix="singpass-client-")

    def hello(self, message):
        if 1 not in message["versions"]:
            return {"unsupported": True}
        return {
            "version": 1,
            "name": NAME,
            "connector_version": importlib.metadata.version(NAME),
            "language": "Python",
            "profiles": ["oidc"],
            "capabilities": ["person"],
        }

    def configure(self, message):
        self.reset(message)
        self.setup, self.metadata = message["setup"], None
        keys = json.loads(self.setup["private_jwks"])["keys"]
        kid = lambda use: next((key["kid"] for key in keys if key.get("use") == use and "d" in key), None)
        self.signing, self.encryption = kid("sig"), kid("enc")
        if not self.signing or not self.encryption:
            return {"result": "config_error", "message": "the JWK Set lacks a private key: the driver picks them by `use`"}
        # the package reads its keys out of a file
        self.keys = str(Path(self.folder.name, "client-jwks-private.json"))
        Path(self.keys).write_text(self.setup["private_jwks"])
        return {"result": "ok"}

    def start(self, _message):
        if self.setup is None:
            return {"result": "error", "message": "not configured"}
        try:
            client = SingpassOauthClient(self.discovered(), self.setup["client_id"], self.setup["scopes"])
            url, verifier, nonce, state = client.create_authorization_url(redirect_uri=self.setup["redirect_uri"])
        except Exception as error:
            return {"result": "error", **refusal(error)}
        self.begun += 1
        session = f"s{self.begun}"
        self.sessions[session] = (client, verifier, nonce, state)
        return {"result": "url", "url": url, "session": session}

    def discovered(self):
        """The discovery document, which an application fetches once and hands over."""
        if self.metadata is None:
            answer = httpx.get(self.setup["discovery_url"])
            answer.raise_for_status()
            self.metadata = answer.json()
        return self.metadata

    def callback(self, message):
        # taken out: a login is finished once, whatever comes of it
        kept = self.sessions.pop(message["session"], None)
        if kept is None:
            return rejected("state", "no session")
        client, verifier, nonce, state = kept
        query = parse_qs(urlsplit(message["url"]).query)
        if query.get("state") != [state]:
            return rejected("state", "state")
        if "error" in query:
            return rejected("access_denied" if query["error"] == ["access_denied"] else "authorisation", "error")
        if len(query.get("code", [])) != 1:
            return rejected("malformed", "no code")
        try:
            return {"outcome": "accepted", "person": asyncio.run(self.person(client, query["code"][0], verifier, nonce))}
        except Exception as error:
            return {"outcome": "rejected", **refusal(error)}

    async def person(self, client, code, verifier, nonce):
        """Both calls, as the package's manual shows them."""
        tokens = await client.handle_callback(nonce, verifier, code, self.keys, self.signing, self.encryption)
        return await client.get_info(tokens["access_token"], self.encryption, self.keys, nonce)

    def reset(self, _message):
        self.sessions.clear()
        return {}

    def bye(self, _message):
        self.folder.cleanup()
        return {}


def rejected(kind, native):
    return {"outcome": "rejected", "class": kind, "native": native, "message": native}


# the package's own classes, in the suite's words; what an InvalidClaimError is about only its text tells
KINDS = {
    "TokenRequestError": "token_request",
    "InfoRequestError": "person_request",
    "BadSignatureError": "signature",
    "InvalidKeyError": "signature",
    "BadEncryptionError": "decryption",
    "UnexpectedTokenError": "algorithm",
}


def refusal(error):
    """An error of the package, without its words: they quote tokens and answers. It wraps each into a bare Exception."""
    cause = error.__context__ if type(error) is Exception and error.__context__ else error
    native = type(cause).__name__
    kind = KINDS.get(native, "other")
    if isinstance(cause, httpx.HTTPStatusError):
        kind = "upstream" if cause.response.status_code >= 500 else "other"
    elif isinstance(cause, httpx.HTTPError):
        kind = "transport"
    elif isinstance(cause, json.JSONDecodeError):
        kind = "malformed"
    return {"class": kind, "native": native, "message": native}


serve(Driver())
