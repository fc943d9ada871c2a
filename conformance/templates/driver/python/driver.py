"""A driver for myinfo-conformance: JSON lines on standard input and output (docs/driver-protocol.md). Python 3.7+.

    myinfo-conformance --stdio 'python3 driver.py'

It runs as it is: what it cannot do yet is to exchange the code. `your connector:` marks where your code is called.
Whatever is printed besides answers is a log. Never log the setup: it holds the client secret and the private key.
"""

import json
import secrets
import sys
from urllib.parse import parse_qs, urlencode, urlsplit


class Driver:
    def __init__(self):
        self.setup = None  # your connector: keep it here, too
        self.sessions = {}  # what the web session of each browser holds
        self.begun = 0

    def hello(self, message):
        if 1 not in message["versions"]:
            return {"unsupported": True}
        return {
            "version": 1,
            # your connector: its name and version, what it can, and which keys it reads, the most usual format first
            "name": "my-connector",
            "connector_version": "0.1.0",
            "language": "Python",
            # what it speaks, one or several: v3, fapi (Singpass FAPI 2.0: Myinfo v5 and Login), oidc (the API before FAPI)
            "profiles": ["v3"],
            # claim only what it can: gov, sandbox, txn_no, redirect_query, two_keys with v3; two_enc_keys, acr with fapi; custom_ca,
            # timeout with v3 and fapi; login_app, claims with fapi and oidc; person with all
            "capabilities": ["gov", "redirect_query"],
            # pkcs8, pkcs8-encrypted, pkcs1, p12, jwk
            "key_formats": ["pkcs8"],
        }

    def configure(self, message):
        self.reset(message)
        self.setup = None
        try:
            # your connector: make it anew from the setup: addresses, client, private key, certificates, issuer
            self.setup = message["setup"]
            return {"result": "ok"}
        except Exception as error:
            return {"result": "config_error", "message": described(error)}

    def start(self, _message):
        setup = self.setup
        if setup is None:
            return {"result": "error", "message": "not configured"}
        if setup["profile"] == "fapi":
            return self.start_fapi()
        if setup["profile"] == "oidc":
            return self.start_oidc()
        # your connector: let it build the address, and keep what it wants to have kept in the browser's session
        state = secrets.token_hex(16)
        query = {
            "client_id": setup["client_id"],
            "attributes": ",".join(setup["attributes"]),
            "purpose": setup["purpose"],
            "state": state,
            "redirect_uri": setup["redirect_uri"],
            "response_type": "code",
        }
        if setup.get("esvc_id"):
            query["sp_esvcId"] = setup["esvc_id"]
        self.begun += 1
        session = f"s{self.begun}"
        self.sessions[session] = {"state": state}
        return {"result": "url", "url": setup["authorise_url"] + "?" + urlencode(query), "session": session}

    def start_fapi(self):
        # your connector: let it read the discovery document and push its request (PAR), with the keys of private_jwks; keep state, nonce,
        # verifier and the key of its proofs in the browser's session, and give back the address of the authorization endpoint. What the
        # server refuses here is an error, too, with the class that fits: pushed_request, upstream, malformed …
        return not_begun()

    def start_oidc(self):
        # your connector: let it read the discovery document, and give back the address of its authorization endpoint with scopes, nonce,
        # state and code_challenge; keep state, nonce and verifier in the browser's session. A document that cannot be used is an error, too,
        # with the class that fits: upstream, malformed …
        return not_begun()

    def callback(self, message):
        # taken out: a login is finished once, whatever comes of it
        kept = self.sessions.pop(message["session"], None)
        if kept is None:
            return rejected("state", "no login is under way in this session")
        try:
            return self.finish(kept, message["url"])
        # your connector: a clause for each of its errors, with the class that fits, for example
        # except SignatureError as error: return rejected("signature", str(error), type(error).__name__)
        except Exception as error:
            return {"outcome": "crash", "message": described(error)}

    def finish(self, kept, url):
        # your connector: if it checks the state itself, hand it `kept` and the address instead
        states = parse_qs(urlsplit(url).query, keep_blank_values=True).get("state", [])
        if states != [kept["state"]]:
            return rejected("state", "the state is not that of this session")
        # your connector: let it read error and code, exchange the code and fetch the person; then
        # return {"outcome": "accepted", "person": person}; with fapi and oidc also "claims", those of the ID token
        return rejected("other", "not connected yet")

    def reset(self, _message):
        # your connector: drop its caches, too, and keep its configuration
        self.sessions.clear()
        return {}

    def bye(self, _message):
        return {}


def not_begun():
    return {"result": "error", "class": "other", "native": "", "message": "not connected yet"}


def rejected(kind, message, native=""):
    return {"outcome": "rejected", "class": kind, "native": native, "message": message}


def described(error):
    return f"{type(error).__name__}: {error}"


def main():
    driver = Driver()
    verbs = {
        "hello": driver.hello,
        "configure": driver.configure,
        "start": driver.start,
        "callback": driver.callback,
        "reset": driver.reset,
        "bye": driver.bye,
    }
    for line in sys.stdin.buffer:
        message = json.loads(line)
        verb = verbs.get(message["type"])
        answer = verb(message) if verb else {"unsupported": True}
        print("@mdp " + json.dumps({"id": message["id"], **answer}), flush=True)
        if message["type"] == "bye":
            break


main()
