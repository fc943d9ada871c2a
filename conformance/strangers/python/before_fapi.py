"""The published PyPI package singpass-client, its code untouched, through the whole flow of the API before FAPI.

As a program, for the real host names: `python before_fapi.py DIRECTORY`, DIRECTORY being what `myinfo-mock export` wrote.
Prints uinfin and name.
"""

import asyncio
import json
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests
from singpass_client.client import SingpassOauthClient

MYINFO = "TESTBEDxMYINFOxAPPx0000000000001"
REDIRECT = "http://localhost:3001/callback"


class BeforeFapi:
    """One application. The package takes the discovery document as its caller fetched it, and the keys as a file."""

    def __init__(self, issuer, directory, client_id=MYINFO, scope="openid uinfin name"):
        metadata = requests.get(f"{issuer}/.well-known/openid-configuration").json()
        self.client = SingpassOauthClient(metadata, client_id, scope)
        self.keys = str(Path(directory, "client-jwks-private.json"))
        self.sig, self.enc = (key["kid"] for key in json.loads(Path(self.keys).read_text())["keys"])

    def callback(self, persona):
        """Begins a login, and logs a persona in; gives what the browser brings back, and what belongs to the login."""
        url, verifier, nonce, state = self.client.create_authorization_url(redirect_uri=REDIRECT)
        browser = requests.get(url, headers={"X-Myinfo-Mock-Persona": persona}, allow_redirects=False)
        assert browser.status_code == 302, browser.text
        callback = {name: values[0] for name, values in parse_qs(urlsplit(browser.headers["location"]).query).items()}
        # the package does not compare it
        assert callback["state"] == state
        return callback["code"], verifier, nonce

    def tokens(self, code, verifier, nonce):
        """The answer of token, after the package verified the ID token in it."""
        return asyncio.run(self.client.handle_callback(nonce, verifier, code, self.keys, self.sig, self.enc))

    def person(self, tokens, nonce):
        """The claims of userinfo."""
        return asyncio.run(self.client.get_info(tokens["access_token"], self.enc, self.keys, nonce))

    def login(self, persona):
        """The whole flow: the answer of token, and the claims of userinfo."""
        code, verifier, nonce = self.callback(persona)
        tokens = self.tokens(code, verifier, nonce)
        return tokens, self.person(tokens, nonce)


if __name__ == "__main__":
    _, person = BeforeFapi("https://stg-id.singpass.gov.sg", sys.argv[1]).login("S6005048A")
    print("person", person["uinfin"]["value"], person["name"]["value"])
