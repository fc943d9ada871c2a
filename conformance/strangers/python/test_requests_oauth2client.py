"""requests_oauth2client against a mock that each test starts: `python -m unittest` in this folder."""

import unittest

import requests
from mock import AgainstTheMock
from relying_party import LOGIN, MYINFO, RelyingParty
from requests_oauth2client import InvalidClient


class RequestsOauth2Client(AgainstTheMock):
    def test_a_myinfo_app_gets_the_person(self):
        url, exported = self.start(MYINFO)
        party = RelyingParty(f"{url}/fapi", exported, audience=f"{url}/fapi")
        claims, tokens = party.login("S6005048A", "openid uinfin name vehicles.make")
        person = party.userinfo(claims, tokens)
        self.assertEqual(list(person), ["uinfin", "name", "vehicles"])
        self.assertEqual((person["uinfin"]["value"], person["name"]["value"]), ("S6005048A", "ANDY LAU"))
        self.assertEqual(claims["sub_attributes"], {"name": "ANDY LAU"})
        self.assert_no_rule_broken(url, par=1, auth=1, token=1, userinfo=1)

    def test_a_login_app_learns_who_logged_in(self):
        url, exported = self.start(LOGIN)
        party = RelyingParty(f"{url}/fapi", exported, audience=f"{url}/fapi")
        context = {"authentication_context_type": "APP_AUTHENTICATION_DEFAULT"}
        claims, _ = party.login("S6005048A", "openid user.identity", **context)
        self.assertEqual(claims["sub_attributes"]["identity_number"], "S6005048A")
        self.assert_no_rule_broken(url, par=1, auth=1, token=1, userinfo=0)

    def test_its_own_default_audience_is_taken_and_strictly_refused(self):
        url, exported = self.start(MYINFO)
        claims, _ = RelyingParty(f"{url}/fapi", exported).login("S6005048A", "openid uinfin")
        self.assertEqual(claims["aud"], MYINFO)
        url, exported = self.start(MYINFO, "[fapi]\nstrict = true\n")
        with self.assertRaises(InvalidClient):
            RelyingParty(f"{url}/fapi", exported).login("S6005048A", "openid uinfin")
        broken = requests.get(f"{url}/_mock/transactions").json()["transactions"][0]["broken"]
        self.assertEqual(broken, ["fapi.assertion.audience"])


if __name__ == "__main__":
    unittest.main()
