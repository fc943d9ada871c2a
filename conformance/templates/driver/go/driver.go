// A driver for myinfo-conformance: JSON lines on standard input and output (docs/driver-protocol.md). Go 1.18 or newer.
//
//	go build -o driver . && myinfo-conformance --stdio ./driver
//
// It runs as it is: what it cannot do yet is to exchange the code. `your connector:` marks where your code is called.
// Whatever is printed besides answers is a log. Never log the setup: it holds the client secret and the private key.
package main

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
)

type object = map[string]any

// message is every message of the runner: each type fills some of the members.
type message struct {
	ID       uint64
	Type     string
	Versions []int
	Setup    *setup
	Session  string
	URL      string
}

type setup struct {
	Profile            string
	BaseURL            string `json:"base_url"`
	AuthoriseURL       string `json:"authorise_url"`
	TokenURL           string `json:"token_url"`
	PersonURL          string `json:"person_url"`
	Context            string
	Flavour            string
	ClientID           string `json:"client_id"`
	ClientSecret       string `json:"client_secret"`
	RedirectURI        string `json:"redirect_uri"`
	Attributes         []string
	Purpose            string
	EsvcID             string `json:"esvc_id"`
	TxnNo              string `json:"txn_no"`
	PrivateKey         key    `json:"private_key"`
	Certificate        string
	MyinfoCertificates []string `json:"myinfo_certificates"`
	Issuer             string
	CA                 string
	// with fapi and oidc, instead of most of the above
	DiscoveryURL   string `json:"discovery_url"`
	AuthURL        string `json:"auth_url"`
	App            string
	ClientProfile  string `json:"client_profile"`
	Scopes         string
	ContextType    string   `json:"context_type"`
	ContextMessage string   `json:"context_message"`
	AcrValues      []string `json:"acr_values"`
	PrivateJWKS    string   `json:"private_jwks"`
	TimeoutSeconds int      `json:"timeout_seconds"`
}

type key struct {
	Format     string
	Text       string
	Base64     []byte
	Passphrase string
}

// driver keeps what lasts from one message to the next.
type driver struct {
	setup    *setup            // your connector: keep it here, too
	sessions map[string]string // the state that the web session of each browser holds
	begun    int
}

func main() {
	d := &driver{sessions: map[string]string{}}
	input := bufio.NewReader(os.Stdin)
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		var m message
		if err := json.Unmarshal(line, &m); err != nil {
			fmt.Fprintln(os.Stderr, "a message cannot be read:", err)
			os.Exit(1)
		}
		answer := d.answer(m)
		answer["id"] = m.ID
		text, err := json.Marshal(answer)
		if err != nil {
			fmt.Fprintln(os.Stderr, "an answer cannot be written:", err)
			os.Exit(1)
		}
		fmt.Printf("@mdp %s\n", text)
		if m.Type == "bye" {
			return
		}
	}
}

func (d *driver) answer(m message) object {
	switch m.Type {
	case "hello":
		return hello(m.Versions)
	case "configure":
		return d.configure(m.Setup)
	case "start":
		return d.start()
	case "callback":
		return d.callback(m.Session, m.URL)
	case "reset":
		return d.reset()
	case "bye":
		return object{}
	default:
		return object{"unsupported": true}
	}
}

func hello(versions []int) object {
	spoken := false
	for _, version := range versions {
		spoken = spoken || version == 1
	}
	if !spoken {
		return object{"unsupported": true}
	}
	return object{
		"version": 1,
		// your connector: its name and version, what it can, and which keys it reads, the most usual format first
		"name":              "my-connector",
		"connector_version": "0.1.0",
		"language":          "Go",
		// what it speaks, one or several: v3, fapi (Singpass FAPI 2.0: Myinfo v5 and Login), oidc (the API before FAPI)
		"profiles": []string{"v3"},
		// claim only what it can: gov, sandbox, txn_no, redirect_query, two_keys with v3; two_enc_keys, acr with fapi; custom_ca,
		// timeout with v3 and fapi; login_app, claims with fapi and oidc; person with all
		"capabilities": []string{"gov", "redirect_query"},
		// pkcs8, pkcs8-encrypted, pkcs1, p12, jwk
		"key_formats": []string{"pkcs8"},
	}
}

func (d *driver) configure(s *setup) object {
	d.reset()
	d.setup = nil
	// your connector: make it anew from the setup: addresses, client, private key, certificates, issuer;
	// where that fails, return object{"result": "config_error", "message": err.Error()}
	d.setup = s
	return object{"result": "ok"}
}

func (d *driver) start() object {
	s := d.setup
	if s == nil {
		return object{"result": "error", "message": "not configured"}
	}
	switch s.Profile {
	case "fapi":
		return startFapi()
	case "oidc":
		return startOidc()
	}
	// your connector: let it build the address, and keep what it wants to have kept in the browser's session
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		return object{"result": "error", "message": err.Error()}
	}
	state := hex.EncodeToString(random)
	query := url.Values{}
	query.Set("client_id", s.ClientID)
	query.Set("attributes", strings.Join(s.Attributes, ","))
	query.Set("purpose", s.Purpose)
	query.Set("state", state)
	query.Set("redirect_uri", s.RedirectURI)
	query.Set("response_type", "code")
	if s.EsvcID != "" {
		query.Set("sp_esvcId", s.EsvcID)
	}
	d.begun++
	session := fmt.Sprintf("s%d", d.begun)
	d.sessions[session] = state
	return object{"result": "url", "url": s.AuthoriseURL + "?" + query.Encode(), "session": session}
}

func startFapi() object {
	// your connector: let it read the discovery document and push its request (PAR), with the keys of PrivateJWKS; keep state, nonce,
	// verifier and the key of its proofs in the browser's session, and give back the address of the authorization endpoint. What the
	// server refuses here is an error, too, with the class that fits: pushed_request, upstream, malformed …
	return notBegun()
}

func startOidc() object {
	// your connector: let it read the discovery document, and give back the address of its authorization endpoint with scopes, nonce,
	// state and code_challenge; keep state, nonce and verifier in the browser's session. A document that cannot be used is an error, too,
	// with the class that fits: upstream, malformed …
	return notBegun()
}

func (d *driver) callback(session, address string) (outcome object) {
	defer func() {
		if panicked := recover(); panicked != nil {
			outcome = object{"outcome": "crash", "message": fmt.Sprint(panicked)}
		}
	}()
	state, known := d.sessions[session]
	// taken out: a login is finished once, whatever comes of it
	delete(d.sessions, session)
	if !known {
		return rejected("state", "no login is under way in this session", "")
	}
	return d.finish(state, address)
}

func (d *driver) finish(state, address string) object {
	// your connector: if it checks the state itself, hand it the state and the address instead
	parsed, err := url.Parse(address)
	if err != nil {
		return rejected("state", "the callback cannot be read", "")
	}
	states := parsed.Query()["state"]
	if len(states) != 1 || states[0] != state {
		return rejected("state", "the state is not that of this session", "")
	}
	// your connector: let it read error and code, exchange the code and fetch the person, with a class for each of its
	// errors, for example if errors.Is(err, ErrSignature) { return rejected("signature", err.Error(), "ErrSignature") };
	// then return object{"outcome": "accepted", "person": person}; a json.RawMessage keeps numbers as they were sent; with fapi
	// and oidc also "claims", those of the ID token
	return rejected("other", "not connected yet", "")
}

func (d *driver) reset() object {
	// your connector: drop its caches, too, and keep its configuration
	d.sessions = map[string]string{}
	return object{}
}

func notBegun() object {
	return object{"result": "error", "class": "other", "native": "", "message": "not connected yet"}
}

func rejected(class, text, native string) object {
	return object{"outcome": "rejected", "class": class, "native": native, "message": text}
}
