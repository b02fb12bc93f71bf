package config

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"abacus/internal/lang"
)

var (
	errTooBig   = errors.New("too large")
	errIsFolder = errors.New("is a folder")
)

// isMissing reports whether a file is not there. A name below something that
// is no folder is missing too, which fs.ErrNotExist does not cover.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// cause is an error without the operation and path that the sentence has.
func cause(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return oneLine(err)
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// fileText is the content of a file that a setting names.
func (l *loader) fileText(key, path string) ([]byte, *fault) {
	data, err := l.read(path)
	return data, fileFault(key, path, err)
}

// fileThere checks that a file can be opened. What it holds, and that may be
// much, is for whoever uses it.
func (l *loader) fileThere(key, path string) *fault {
	if path == "" {
		return nil
	}
	if _, err := l.read(path); !errors.Is(err, errTooBig) {
		return fileFault(key, path, err)
	}
	return nil
}

func fileFault(key, path string, err error) *fault {
	switch {
	case err == nil:
		return nil
	case isMissing(err):
		return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.FileMissing, path) }}
	case errors.Is(err, errIsFolder):
		return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.FileIsFolder, path) }}
	}
	return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.FileUnreadable, path, cause(err)) }}
}

// privateKey reads an RSA key in PKCS #8 or PKCS #1, in PEM or, as Alipay's
// key tool writes it, as bare base64.
func (l *loader) privateKey(key, path string) (*rsa.PrivateKey, *fault) {
	text, f := l.fileText(key, path)
	if f != nil {
		return nil, f
	}
	der := derOf(text)
	private, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		any, err := x509.ParsePKCS8PrivateKey(der)
		var isRSA bool
		if private, isRSA = any.(*rsa.PrivateKey); err != nil || !isRSA {
			return nil, &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.NoPrivateKey, path) }}
		}
	}
	return private, tooShort(key, path, &private.PublicKey)
}

// publicKey reads an RSA key as PKIX or PKCS #1, in PEM or bare base64.
func (l *loader) publicKey(key, path string) (*rsa.PublicKey, *fault) {
	text, f := l.fileText(key, path)
	if f != nil {
		return nil, f
	}
	der := derOf(text)
	public, err := x509.ParsePKCS1PublicKey(der)
	if err != nil {
		any, err := x509.ParsePKIXPublicKey(der)
		var isRSA bool
		if public, isRSA = any.(*rsa.PublicKey); err != nil || !isRSA {
			return nil, &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.NoPublicKey, path) }}
		}
	}
	return public, tooShort(key, path, public)
}

func (l *loader) certificate(key, path string) (*x509.Certificate, *fault) {
	text, f := l.fileText(key, path)
	if f != nil {
		return nil, f
	}
	certificate, err := x509.ParseCertificate(derOf(text))
	if err != nil {
		return nil, &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.NoCertificate, path) }}
	}
	return certificate, nil
}

// roots are the system's certificates with those of a file.
func (l *loader) roots(key, path string) (*x509.CertPool, *fault) {
	text, f := l.fileText(key, path)
	if f != nil {
		return nil, f
	}
	pool, err := x509.SystemCertPool()
	if err != nil { // a machine without any: the file's alone must do
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.NoCertificate, path) }}
	}
	return pool, nil
}

func derOf(text []byte) []byte {
	if block, _ := pem.Decode(text); block != nil {
		return block.Bytes
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(text)), ""))
	if err != nil {
		return nil
	}
	return der
}

func tooShort(key, path string, public *rsa.PublicKey) *fault {
	bits := public.N.BitLen()
	if bits >= 2048 {
		return nil
	}
	return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.KeyTooShort, path, bits) }}
}
