package myinfo

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// program is myinfo-mock from the PATH, unless the environment names another.
func program() string {
	if path := os.Getenv("MYINFO_MOCK"); path != "" {
		return path
	}
	return "myinfo-mock"
}

// mock is a mock of one test.
type mock struct {
	t   *testing.T
	url string
}

// startMock starts one on a free port. It listens when this returns, and ends with the test.
func startMock(t *testing.T) *mock {
	t.Helper()
	command := exec.Command(program(), "--http", "127.0.0.1:0")
	out, err := command.StdoutPipe()
	check(t, err)
	check(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	check(t, err)
	return &mock{t, strings.TrimPrefix(strings.TrimSpace(line), "ready ")}
}

// party is your application, pointed at the mock, with what the mock knows of its client. Your own client has its own.
func (m *mock) party(clientID string) *RelyingParty {
	m.t.Helper()
	folder := m.t.TempDir()
	check(m.t, exec.Command(program(), "export", folder, "--client", clientID).Run())
	env, err := os.ReadFile(filepath.Join(folder, "env"))
	check(m.t, err)
	redirect := regexp.MustCompile(`(?m)^export MYINFO_FAPI_REDIRECT_URL='(.*)'$`).FindSubmatch(env)[1]
	party := &RelyingParty{Issuer: m.url + "/fapi", ClientID: clientID, RedirectURI: string(redirect)}
	keys, err := os.ReadFile(filepath.Join(folder, "client-jwks-private.json"))
	check(m.t, err)
	check(m.t, json.Unmarshal(keys, &party.Keys))
	check(m.t, party.Discover())
	return party
}

// logIn is the browser's part, without pages. It gives the address at which your application is called back.
func (m *mock) logIn(address, persona string) *url.URL {
	m.t.Helper()
	request, err := http.NewRequest("GET", address, nil)
	check(m.t, err)
	request.Header.Set("X-Myinfo-Mock-Persona", persona)
	answer, err := http.DefaultTransport.RoundTrip(request)
	check(m.t, err)
	defer answer.Body.Close()
	callback, err := answer.Location()
	check(m.t, err)
	return callback
}

// arm makes the service misbehave; `myinfo-mock faults` lists how.
func (m *mock) arm(fault string) {
	m.t.Helper()
	m.post("faults", map[string]any{"id": fault})
}

// assertNoRuleBroken fails with every broken rule, its cause and its remedy; called also counts the requests.
func (m *mock) assertNoRuleBroken(called map[string]int) {
	m.t.Helper()
	m.post("assertions", map[string]any{"no_rule_broken": true, "called": called})
}

func (m *mock) post(operation string, body any) {
	m.t.Helper()
	text, err := json.Marshal(body)
	check(m.t, err)
	answer, err := http.Post(m.url+"/_mock/"+operation, "application/json", strings.NewReader(string(text)))
	check(m.t, err)
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		told, _ := io.ReadAll(answer.Body)
		m.t.Fatalf("%s", told)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
