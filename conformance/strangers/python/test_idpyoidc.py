"""The published PyPI package idpyoidc, its code untouched: it has to be refused at PAR, and to be told why.

It sends its whole request as a request object (RFC 9101), its assertion in there, too, and no DPoP proof at PAR; Singpass
takes neither. What it needed to come as far as that:
- the discovery document is given to it as read: it takes none whose `id_token_signing_alg_values_supported` lacks RS256
- `algorithm` as a behaviour argument: without it, it signs its assertion at PAR with RS256 and not with the key on a curve
- an RSA key of its own, with which it signs the request object
"""

import json
import re
import unittest
from pathlib import Path

import requests
from cryptojwt.key_jar import build_keyjar
from idpyoidc.client.rp_handler import RPHandler
from mock import AgainstTheMock
from relying_party import MYINFO

ADD_ON = "idpyoidc.client.oauth2.add_on"


def handler(issuer, exported):
    """A relying party with PKCE, DPoP and pushed requests, for the client that `myinfo-mock export` wrote."""
    env = Path(exported, "env").read_text()
    redirect_uri = re.search("^export MYINFO_FAPI_REDIRECT_URL='(.*)'$", env, re.MULTILINE)[1]
    keys = build_keyjar([{"type": "RSA", "use": ["sig"]}])
    keys.import_jwks(json.loads(Path(exported, "client-jwks-private.json").read_text()), "")
    pkce = {"code_challenge_length": 64, "code_challenge_method": "S256"}
    client = {
        "client_id": MYINFO,
        "client_type": "oidc",
        "issuer": issuer,
        "provider_info": requests.get(f"{issuer}/.well-known/openid-configuration").json(),
        "redirect_uris": [redirect_uri],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "uinfin"],
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "add_ons": {
            "pkce": {"function": f"{ADD_ON}.pkce.add_support", "kwargs": pkce},
            "dpop": {"function": f"{ADD_ON}.dpop.add_support", "kwargs": {"dpop_signing_alg_values_supported": ["ES256"]}},
            "pushed_authorization": {
                "function": f"{ADD_ON}.par.add_support",
                "kwargs": {"authn_method": "private_key_jwt", "http_client": "requests.request"},
            },
        },
    }
    return RPHandler(base_url="http://localhost:3001", client_configs={"singpass": client}, keyjar=keys)


class Idpyoidc(AgainstTheMock):
    def test_it_is_refused_at_par_and_told_that_request_objects_are_not_read_and_the_proof_is_missing(self):
        url, exported = self.start(MYINFO)
        relying_party = handler(f"{url}/fapi", exported)
        # it has this one word for whatever is not 200
        with self.assertRaisesRegex(ConnectionError, f"Could not connect to {url}/fapi/par"):
            asked = {"scope": ["openid", "uinfin"]}
            relying_party.begin("singpass", req_args=asked, behaviour_args={"algorithm": "ES256"})
        refused = requests.get(f"{url}/_mock/exchanges?event=par").json()["exchanges"]
        self.assertEqual([exchange["answer"]["status"] for exchange in refused], [401])
        causes = {rule["id"]: rule["problem"]["cause"] for rule in refused[0]["rules"] if rule["verdict"] == "broken"}
        self.assertEqual(refused[0]["refused"]["rule"], "fapi.assertion.form")
        self.assertEqual(
            causes["fapi.assertion.form"],
            "`client_assertion` is missing: the form has `request`, and Singpass reads no request object:"
            " each of its parameters belongs in the form",
        )
        self.assertEqual(
            causes["fapi.dpop.form"],
            "there is neither a DPoP header nor `dpop_jkt`: Singpass wants the key at PAR already",
        )


if __name__ == "__main__":
    unittest.main()
