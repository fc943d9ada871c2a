"""singpass-client against a mock that each test starts; and what it does not look at, one fault each."""

import unittest

import requests
from before_fapi import REDIRECT, BeforeFapi
from mock import AgainstTheMock

MYINFO = "TESTBEDxMYINFOxAPPx0000000000001"
LOGIN = "TESTBEDxLOGINxAPPx00000000000002"


class SingpassClient(AgainstTheMock):
    def arm(self, url, fault):
        answer = requests.post(f"{url}/_mock/faults", json={"id": fault})
        self.assertTrue(answer.ok, answer.text)

    def test_it_gets_the_person_and_the_composite_sub(self):
        url, exported = self.start(MYINFO)
        tokens, person = BeforeFapi(url, exported).login("S6005048A")
        self.assertEqual(tokens["token_type"], "Bearer")
        self.assertEqual(len(tokens["id_token"].split(".")), 5)
        self.assertEqual((person["uinfin"]["value"], person["name"]["value"]), ("S6005048A", "ANDY LAU"))
        self.assertRegex(person["sub"], "^s=S6005048A,u=[0-9a-f-]{36}$")
        self.assert_no_rule_broken(url, auth=1, token=1, userinfo=1)

    def test_the_direct_profile_has_a_signed_token_and_the_uuid_alone(self):
        url, exported = self.start(MYINFO, "[oidc]\nprofile = 'direct'\n")
        tokens, person = BeforeFapi(url, exported).login("S6005048A")
        self.assertEqual(len(tokens["id_token"].split(".")), 3)
        self.assertRegex(person["sub"], "^u=[0-9a-f-]{36}$")
        self.assert_no_rule_broken(url, auth=1, token=1, userinfo=1)

    def test_userinfo_in_the_other_encryption_is_read_too(self):
        url, exported = self.start(MYINFO, "[oidc]\nuserinfo_enc = 'A256GCM'\n")
        _, person = BeforeFapi(url, exported).login("S6005048A")
        self.assertEqual(person["uinfin"]["value"], "S6005048A")

    def test_its_assertion_has_no_jti_which_is_taken_and_strictly_refused(self):
        url, exported = self.start(MYINFO, "[oidc]\nstrict = true\n")
        with self.assertRaisesRegex(Exception, "invalid_client"):
            BeforeFapi(url, exported).login("S6005048A")
        broken = requests.get(f"{url}/_mock/transactions").json()["transactions"][0]["broken"]
        self.assertEqual(broken, ["oidc.assertion.once"])

    def test_what_it_refuses(self):
        for fault in [
            "oidc-id-token-signature",
            "oidc-id-token-signer",
            "oidc-id-token-none",
            "oidc-id-token-hs256",
            "oidc-id-token-signer-unknown",
            "oidc-id-token-issuer",
            "oidc-id-token-issuer-fapi",
            "oidc-id-token-audience",
            "oidc-id-token-audience-strangers",
            "oidc-id-token-expired",
            "oidc-id-token-nonce",
            "oidc-id-token-tag",
            "oidc-userinfo-signature",
            "oidc-userinfo-issuer",
            "oidc-userinfo-not-encrypted",
        ]:
            with self.subTest(fault):
                url, exported = self.start(MYINFO)
                self.arm(url, fault)
                with self.assertRaises(Exception):
                    BeforeFapi(url, exported).login("S6005048A")

    def test_what_it_does_not_look_at(self):
        for fault in [
            "oidc-id-token-no-nonce",
            "oidc-id-token-no-exp",
            "oidc-id-token-no-sub",
            "oidc-id-token-not-encrypted",
            "oidc-token-type-dpop",
            "oidc-userinfo-sub",
            "oidc-data-somebody-else",
        ]:
            with self.subTest(fault):
                url, exported = self.start(MYINFO)
                self.arm(url, fault)
                _, person = BeforeFapi(url, exported).login("S6005048A")
                self.assertIn("uinfin", person)

    def test_it_gives_a_login_app_the_token_alone_and_not_who_logged_in(self):
        url, exported = self.start(LOGIN)
        party = BeforeFapi(url, exported, LOGIN, "openid")
        tokens = party.tokens(*party.callback("S6005048A"))
        self.assertEqual(list(tokens), ["access_token", "token_type", "id_token"])
        self.assert_no_rule_broken(url, auth=1, token=1, userinfo=0)

    def test_a_verifier_of_the_callers_own_crashes_it(self):
        url, exported = self.start(MYINFO)
        with self.assertRaises(UnboundLocalError):
            BeforeFapi(url, exported).client.create_authorization_url(REDIRECT, code_verifier="v" * 43)


if __name__ == "__main__":
    unittest.main()
