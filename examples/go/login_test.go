package myinfo

import (
	"errors"
	"strings"
	"testing"
)

const client = "TESTBEDxMYINFOxAPPx0000000000001"

func TestAPersonWhoAgreesIsKnownByName(t *testing.T) {
	t.Parallel()
	mock := startMock(t)
	party := mock.party(client)
	address, session, err := party.Begin("openid uinfin name")
	check(t, err)
	person, err := party.Finish(mock.logIn(address, "S6005048A"), session)
	check(t, err)
	if person["uinfin"].Value != "S6005048A" || person["name"].Value != "ANDY LAU" {
		t.Errorf("found %v", person)
	}
	mock.assertNoRuleBroken(map[string]int{"par": 1, "auth": 1, "token": 1, "userinfo": 1})
}

func TestAPersonWhoCancelsIsNoFailureOfYours(t *testing.T) {
	t.Parallel()
	mock := startMock(t)
	party := mock.party(client)
	address, session, err := party.Begin("openid uinfin")
	check(t, err)
	_, err = party.Finish(mock.logIn(address, "error:access_denied"), session)
	var refused *Refused
	if !errors.As(err, &refused) || refused.Code != "access_denied" {
		t.Errorf("found %v", err)
	}
	mock.assertNoRuleBroken(map[string]int{"token": 0})
}

func TestATokenThatWasNotSignedByTheServiceIsRefused(t *testing.T) {
	t.Parallel()
	mock := startMock(t)
	party := mock.party(client)
	// what no real service does for you: it misbehaves on demand
	mock.arm("fapi-id-token-signer")
	address, session, err := party.Begin("openid uinfin")
	check(t, err)
	_, err = party.Finish(mock.logIn(address, "S6005048A"), session)
	if err == nil || !strings.Contains(err.Error(), "the signature is not the service's") {
		t.Errorf("found %v", err)
	}
}
