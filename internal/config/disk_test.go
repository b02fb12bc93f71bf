package config_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"io/fs"
	"maps"
	"math/big"
	"strings"
	"sync"
	"testing/fstest"
	"time"

	"abacus/internal/config"
)

// Files of the pretended disk. A content of locked cannot be opened.
const (
	file   = "/shop/config.yaml"
	locked = "\x00locked"
)

// disk opens what is in files, below the root, and nothing else.
func disk(files map[string]string) func(string) (fs.File, error) {
	tree := fstest.MapFS{}
	for path, content := range files {
		tree[strings.TrimPrefix(path, "/")] = &fstest.MapFile{Data: []byte(content)}
	}
	return func(path string) (fs.File, error) {
		if files[path] == locked {
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
		}
		return tree.Open(strings.TrimPrefix(path, "/"))
	}
}

// sources is a working directory of /shop with the files, and a home.
func sources(yaml string, files map[string]string) config.Sources {
	all := map[string]string{}
	maps.Copy(all, files)
	if yaml != "" {
		all[file] = yaml
	}
	return config.Sources{Dir: "/shop", Env: []string{"HOME=/home/wang", "LANG=en_US.UTF-8"}, OS: "linux", Open: disk(all)}
}

// made are keys for one run of the tests.
type made struct{ private, publicKey, certificate, short, bare string }

var serialOfTests = big.NewInt(0x1234abcd)

var keys = sync.OnceValue(func() made {
	key := must(rsa.GenerateKey(rand.Reader, 2048))
	small := must(rsa.GenerateKey(rand.Reader, 1024))
	template := &x509.Certificate{
		SerialNumber: serialOfTests, Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
	}
	return made{
		private:     text("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(key))),
		publicKey:   text("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&key.PublicKey))),
		certificate: text("CERTIFICATE", must(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key))),
		short:       text("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(small)),
		bare:        base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PrivateKey(key)),
	}
})

func text(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
