// The mock's authority, judged by Go's own verifier: it is for servers of the listed names, and for nothing else. OpenSSL knows
// the purpose of code signing only since 3.2.
package strangers

import (
	"bufio"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

func TestTheAuthorityIsForServersOfTheListedNamesAlone(t *testing.T) {
	authority := made(t)
	for _, attempt := range []struct {
		what   string
		name   string
		usage  x509.ExtKeyUsage
		wanted x509.ExtKeyUsage
		taken  bool
	}{
		{"a server", "localhost", x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageServerAuth, true},
		{"a server of a real name", "stg-id.singpass.gov.sg", x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageServerAuth, true},
		{"a server of another name", "example.com", x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageServerAuth, false},
		{"code", "localhost", x509.ExtKeyUsageCodeSigning, x509.ExtKeyUsageCodeSigning, false},
		{"code, by a key for anything", "localhost", x509.ExtKeyUsageAny, x509.ExtKeyUsageCodeSigning, false},
		{"a client", "localhost", x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageClientAuth, false},
		{"mail", "localhost", x509.ExtKeyUsageEmailProtection, x509.ExtKeyUsageEmailProtection, false},
		{"a time stamp", "localhost", x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageTimeStamping, false},
	} {
		leaf := authority.signs(t, attempt.name, attempt.usage)
		roots := x509.NewCertPool()
		roots.AddCert(authority.certificate)
		_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{attempt.wanted}})
		if (err == nil) != attempt.taken {
			t.Errorf("%s: %v", attempt.what, err)
		}
	}
}

// authority is the mock's own, with its key.
type authority struct {
	certificate *x509.Certificate
	key         crypto.PrivateKey
}

// made is the authority that a first start writes into its state directory.
func made(t *testing.T) authority {
	t.Helper()
	state := t.TempDir()
	mock := exec.Command(program(), "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--state-dir", state)
	mock.Stderr = os.Stderr
	output, err := mock.StdoutPipe()
	check(t, err)
	check(t, mock.Start())
	t.Cleanup(func() { _ = mock.Process.Kill(); _ = mock.Wait() })
	// it says so when it serves; the files are there by then
	_, err = bufio.NewReader(output).ReadString('\n')
	check(t, err)
	certificate, err := x509.ParseCertificate(block(t, filepath.Join(state, "ca.pem")))
	check(t, err)
	key, err := x509.ParsePKCS8PrivateKey(block(t, filepath.Join(state, "ca-key.pem")))
	check(t, err)
	return authority{certificate, key}
}

func (by authority) signs(t *testing.T, name string, usage x509.ExtKeyUsage) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		NotBefore:    time.Now().Add(-time.Minute),
		NotAfter:     time.Now().Add(time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{usage},
		DNSNames:     []string{name},
	}
	made, err := x509.CreateCertificate(rand.Reader, template, by.certificate, key.Public(), by.key)
	check(t, err)
	leaf, err := x509.ParseCertificate(made)
	check(t, err)
	return leaf
}

// block is the first PEM block of a file.
func block(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	check(t, err)
	// the key's file holds the key first, and the certificate behind it
	found, _ := pem.Decode(text)
	if found == nil {
		t.Fatalf("%s holds no PEM block", filepath.Base(path))
	}
	return found.Bytes
}

// program is myinfo-mock from the PATH, unless the environment names another.
func program() string {
	if path := os.Getenv("MYINFO_MOCK"); path != "" {
		return path
	}
	return "myinfo-mock"
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
