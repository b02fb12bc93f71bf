// RSA keys of 504 bits keep nothing safe, and that is their use here: of a
// simulated day's time most would go into signatures.
//
//go:debug rsa1024min=0

package till_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"abacus/payment/sandbox"
)

// simSetup is the merchant of all simulations of this process: its keys cost
// more to make than a day to simulate.
var simSetup = sync.OnceValues(func() (*sandbox.Setup, error) {
	dir, err := os.MkdirTemp("", "abacus-sim-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	// The sandbox makes keys of the schemes' size only, but takes any it finds.
	whole, err := sandbox.Prepare(context.Background(), dir, sandbox.Options{})
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "identity.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	identity := map[string]string{}
	if err := json.Unmarshal(text, &identity); err != nil {
		return nil, err
	}
	if err := shrinkKeys(identity, whole); err != nil {
		return nil, err
	}
	if text, err = json.Marshal(identity); err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return nil, err
	}
	return sandbox.Prepare(context.Background(), dir, sandbox.Options{})
})

// shrinkKeys puts small keys in the place of an identity's.
func shrinkKeys(identity map[string]string, whole *sandbox.Setup) error {
	for _, name := range []string{"merchant_key", "platform_key", "wechat_key", "app_key", "alipay_key"} {
		key, err := quickKey()
		if name == "app_key" { // used by a library that signs by itself
			key, err = rsa.GenerateKey(rand.Reader, 512)
		}
		if err != nil {
			return err
		}
		if identity[name], err = pemOf("PRIVATE KEY", key, x509.MarshalPKCS8PrivateKey); err != nil {
			return err
		}
		if name != "platform_key" {
			continue
		}
		serial, _ := new(big.Int).SetString(whole.WeChat.PlatformSerial, 16)
		template := &x509.Certificate{
			SerialNumber: serial, Subject: pkix.Name{CommonName: "Simulation"},
			NotBefore: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC),
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		if err != nil {
			return err
		}
		identity["platform_cert"] = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	return nil
}

func pemOf[K any](kind string, key K, marshal func(any) ([]byte, error)) (string, error) {
	der, err := marshal(key)
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})), err
}

// simSecrets are texts that must not be found anywhere: keys as they stand in
// configurations, and the PIN.
var simSecrets = sync.OnceValues(func() ([]string, error) {
	setup, err := simSetup()
	if err != nil {
		return nil, err
	}
	secrets := []string{setup.WeChat.APIv3Key, setup.WeChat.APIv2Key, simPIN, setup.Card.MasterKey}
	for _, key := range []*rsa.PrivateKey{setup.WeChat.MerchantKey, setup.Alipay.AppKey} {
		text, err := pemOf("PRIVATE KEY", key, x509.MarshalPKCS8PrivateKey)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, strings.Split(text, "\n")[3]) // within the key itself
	}
	return secrets, nil
})
