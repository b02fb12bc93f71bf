package config

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"strings"
	"testing"
	"testing/fstest"

	"abacus/internal/lang"
)

// FuzzKeyFiles: whatever a file holds, it is a key that signs, one that can be
// checked with, a certificate, or one sentence that quotes nothing of it.
func FuzzKeyFiles(f *testing.F) {
	const name = "key.pem"
	sum := sha256.Sum256([]byte("sum"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := &loader{Sources: Sources{Open: fstest.MapFS{name: {Data: data}}.Open}}
		private, wrong := l.privateKey("a.key_file", name)
		if one(t, private != nil && wrong == nil, wrong) {
			signed, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, sum[:])
			if err == nil {
				err = rsa.VerifyPKCS1v15(&private.PublicKey, crypto.SHA256, sum[:], signed)
			}
			if err != nil {
				t.Errorf("taken for a key, and signs nothing: %v", err)
			}
		}
		public, wrong := l.publicKey("a.key_file", name)
		if one(t, public != nil && wrong == nil, wrong) && rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], make([]byte, public.Size())) == nil {
			t.Error("a key by which nothing is a signature")
		}
		certificate, wrong := l.certificate("a.key_file", name)
		one(t, certificate != nil, wrong)
		pool, wrong := l.roots("a.key_file", name)
		one(t, pool != nil, wrong)
	})
}

// one holds that there is what was asked for, or a sentence and nothing else.
func one(t *testing.T, there bool, wrong *fault) bool {
	t.Helper()
	if there != (wrong == nil) {
		t.Fatalf("there: %v, and %v", there, wrong)
	}
	if wrong != nil {
		for _, tag := range []lang.Tag{lang.Chinese, lang.English} {
			say := wrong.say(&lang.Must(tag).Command.Config)
			if !strings.Contains(say, "key.pem") || strings.ContainsAny(say, "\r\n") || strings.Contains(say, "%!") || len(say) > 300 {
				t.Errorf("no sentence: %q", say)
			}
		}
	}
	return there
}
