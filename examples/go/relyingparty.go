// Package myinfo stands for your application: a Myinfo app over Singpass FAPI 2.0. Nothing in here knows that it talks to a mock.
//
// It uses go-jose 2.6, which Debian has. In go-jose v4 ParseSigned and ParseEncrypted also take the algorithms that are allowed.
package myinfo

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gopkg.in/square/go-jose.v2"
)

// RelyingParty is one application.
type RelyingParty struct {
	Issuer, ClientID, RedirectURI string
	// Keys is the private JWK Set: one key to sign with, one to be encrypted for.
	Keys jose.JSONWebKeySet

	endpoints struct {
		PAR       string `json:"pushed_authorization_request_endpoint"`
		Authorize string `json:"authorization_endpoint"`
		Token     string `json:"token_endpoint"`
		Userinfo  string `json:"userinfo_endpoint"`
		JWKS      string `json:"jwks_uri"`
	}
	service jose.JSONWebKeySet
}

// Session is what the browser's session keeps of a login.
type Session struct {
	state, nonce, verifier string
	dpop                   *ecdsa.PrivateKey
}

// Person is what userinfo tells: items by their names.
type Person map[string]struct {
	Value string `json:"value"`
}

// Refused is an answer of the service, or a callback, with an error in it.
type Refused struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

func (r *Refused) Error() string { return r.Code + ": " + r.Description }

// Discover reads where the endpoints are, and the keys of the service.
func (p *RelyingParty) Discover() error {
	if err := get(p.Issuer+"/.well-known/openid-configuration", &p.endpoints); err != nil {
		return err
	}
	return get(p.endpoints.JWKS, &p.service)
}

// Begin pushes the request. It gives the address for the browser, and what its session has to keep.
func (p *RelyingParty) Begin(scope string) (string, *Session, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", nil, err
	}
	session := &Session{random(), random(), random(), key}
	challenge := sha256.Sum256([]byte(session.verifier))
	var pushed struct {
		RequestURI string `json:"request_uri"`
	}
	err = p.post(p.endpoints.PAR, session, url.Values{
		"response_type":         {"code"},
		"redirect_uri":          {p.RedirectURI},
		"scope":                 {scope},
		"state":                 {session.state},
		"nonce":                 {session.nonce},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(challenge[:])},
		"code_challenge_method": {"S256"},
	}, &pushed)
	query := url.Values{"client_id": {p.ClientID}, "request_uri": {pushed.RequestURI}}
	return p.endpoints.Authorize + "?" + query.Encode(), session, err
}

// Finish exchanges the callback for the person.
func (p *RelyingParty) Finish(callback *url.URL, session *Session) (Person, error) {
	query := callback.Query()
	if query.Get("state") != session.state || query.Get("iss") != p.Issuer {
		return nil, errors.New("the callback is of another login")
	}
	if code := query.Get("error"); code != "" {
		return nil, &Refused{code, query.Get("error_description")}
	}
	var tokens struct {
		AccessToken string `json:"access_token"`
		IDToken     string `json:"id_token"`
	}
	form := url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {query.Get("code")},
		"redirect_uri":  {p.RedirectURI},
		"code_verifier": {session.verifier},
	}
	if err := p.post(p.endpoints.Token, session, form, &tokens); err != nil {
		return nil, err
	}
	id, err := p.open(tokens.IDToken)
	if err != nil {
		return nil, err
	}
	if id.Nonce != session.nonce || id.Expires <= time.Now().Unix() {
		return nil, errors.New("the ID token is old, or of another login")
	}
	told, err := p.userinfo(tokens.AccessToken, session)
	if err != nil {
		return nil, err
	}
	if told.Subject != id.Subject {
		return nil, errors.New("the data are of another person")
	}
	return told.Person, nil
}

func (p *RelyingParty) userinfo(token string, session *Session) (*claims, error) {
	proof, err := session.proof("GET", p.endpoints.Userinfo, token)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest("GET", p.endpoints.Userinfo, nil)
	if err != nil {
		return nil, err
	}
	request.Header = http.Header{"Authorization": {"DPoP " + token}, "Dpop": {proof}}
	body, err := send(request)
	if err != nil {
		return nil, err
	}
	return p.open(string(body))
}

// claims are those of an ID token and of userinfo.
type claims struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	Subject  string `json:"sub"`
	Nonce    string `json:"nonce"`
	Expires  int64  `json:"exp"`
	Person   Person `json:"person_info"`
}

// open decrypts a document that is for us, and verifies that the service signed it.
func (p *RelyingParty) open(document string) (*claims, error) {
	encrypted, err := jose.ParseEncrypted(document)
	if err != nil {
		return nil, err
	}
	token, err := encrypted.Decrypt(key(p.Keys, "enc"))
	if err != nil {
		return nil, err
	}
	signed, err := jose.ParseSigned(string(token))
	if err != nil {
		return nil, err
	}
	header := signed.Signatures[0].Header
	named := p.service.Key(header.KeyID)
	// a token does not choose how it is verified: ES256 alone is expected
	if len(named) == 0 || header.Algorithm != string(jose.ES256) {
		return nil, errors.New("the service has no such key")
	}
	payload, err := signed.Verify(named[0])
	if err != nil {
		return nil, fmt.Errorf("the signature is not the service's: %w", err)
	}
	told := new(claims)
	if err := json.Unmarshal(payload, told); err != nil {
		return nil, err
	}
	if told.Issuer != p.Issuer || told.Audience != p.ClientID {
		return nil, errors.New("the document is not for us")
	}
	return told, nil
}

// post sends a form with who we are (RFC 7523) and a proof of the session's key (RFC 9449).
func (p *RelyingParty) post(endpoint string, session *Session, form url.Values, into any) error {
	now := time.Now().Unix()
	assertion, err := sign(key(p.Keys, "sig"), "JWT", map[string]any{
		"iss": p.ClientID, "sub": p.ClientID, "aud": p.Issuer, "jti": random(), "iat": now, "exp": now + 60,
	})
	if err != nil {
		return err
	}
	form.Set("client_id", p.ClientID)
	form.Set("client_assertion", assertion)
	form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	proof, err := session.proof("POST", endpoint, "")
	if err != nil {
		return err
	}
	request, err := http.NewRequest("POST", endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Dpop": {proof}}
	body, err := send(request)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

// proof shows that we hold the session's key.
func (s *Session) proof(method, address, token string) (string, error) {
	proof := map[string]any{"htm": method, "htu": address, "jti": random(), "iat": time.Now().Unix()}
	if token != "" {
		hash := sha256.Sum256([]byte(token))
		proof["ath"] = base64.RawURLEncoding.EncodeToString(hash[:])
	}
	return sign(jose.JSONWebKey{Key: s.dpop}, "dpop+jwt", proof)
}

// sign writes a JWT; a key without a name is shown in its header.
func sign(key any, kind jose.ContentType, claims any) (string, error) {
	named, _ := key.(jose.JSONWebKey)
	options := (&jose.SignerOptions{EmbedJWK: named.KeyID == ""}).WithType(kind)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, options)
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

func key(set jose.JSONWebKeySet, use string) any {
	for _, key := range set.Keys {
		if key.Use == use {
			return key
		}
	}
	return nil
}

func get(address string, into any) error {
	request, err := http.NewRequest("GET", address, nil)
	if err != nil {
		return err
	}
	body, err := send(request)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

func random() string {
	bytes := make([]byte, 32)
	if _, err := rand.Read(bytes); err != nil {
		panic(err) // the system has no randomness
	}
	return base64.RawURLEncoding.EncodeToString(bytes)
}
