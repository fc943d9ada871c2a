import pytest
from requests_oauth2client import AuthorizationResponseError


def test_a_person_who_agrees_is_known_by_name(party, realm):
    address, session = party.begin("openid uinfin name regadd")
    person = party.finish(realm.log_in(address, "S6005048A"), session)
    assert person["uinfin"]["value"] == "S6005048A"
    assert person["name"]["value"] == "ANDY LAU"
    realm.assert_no_rule_broken(par=1, auth=1, token=1, userinfo=1)


def test_a_person_who_cancels_is_no_failure_of_yours(party, realm):
    address, session = party.begin("openid uinfin name")
    with pytest.raises(AuthorizationResponseError) as refused:
        party.finish(realm.log_in(address, "error:access_denied"), session)
    assert refused.value.error == "access_denied"
    realm.assert_no_rule_broken(token=0)


def test_a_token_that_was_not_signed_by_the_service_is_refused(party, realm):
    # what no real service does for you: it misbehaves on demand
    realm.arm("fapi-id-token-signer")
    address, session = party.begin("openid uinfin")
    with pytest.raises(ValueError, match="signature"):
        party.finish(realm.log_in(address, "S6005048A"), session)
