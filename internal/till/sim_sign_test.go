package till_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"math/bits"
	"sync"

	"github.com/wechatpay-apiv3/wechatpay-go/core/auth"
)

// A simulated day signs some two hundred times, and a signature takes as long
// as all else that is done about a request. So simulated merchants and
// acquirers have RSA keys of many small primes: worth nothing as secrets, but
// their signatures are made quickly, and are as good as any to whoever checks
// them.
const (
	simPrimes    = 8
	simPrimeBits = 63 // in bytes all of them together: what a signature with SHA-256 takes
	simExponent  = 3
)

// quickKey draws such a key.
func quickKey() (*rsa.PrivateKey, error) {
	e, one := big.NewInt(simExponent), big.NewInt(1)
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: big.NewInt(1), E: simExponent}}
	phi := big.NewInt(1)
	for len(key.Primes) < simPrimes {
		p, err := rand.Prime(rand.Reader, simPrimeBits)
		if err != nil {
			return nil, err
		}
		less := new(big.Int).Sub(p, one)
		if new(big.Int).GCD(nil, nil, e, less).Cmp(one) != 0 || new(big.Int).GCD(nil, nil, key.N, p).Cmp(one) != 0 {
			continue
		}
		key.Primes = append(key.Primes, p)
		key.N.Mul(key.N, p)
		phi.Mul(phi, less)
	}
	key.D = new(big.Int).ModInverse(e, phi)
	key.Precompute()
	return key, key.Validate()
}

// signSHA256 is the PKCS #1 v1.5 signature of a SHA-256 digest (RFC 8017, 8.2
// and 9.2), worked out modulo each prime of a quick key and put together.
func signSHA256(key *rsa.PrivateKey, digest []byte) ([]byte, error) {
	const about = "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20" // DigestInfo of SHA-256
	padded := make([]byte, key.Size())
	padded[1] = 1
	for i := 2; i < len(padded)-len(about)-len(digest)-1; i++ {
		padded[i] = 0xff
	}
	copy(padded[len(padded)-len(digest)-len(about):], about)
	copy(padded[len(padded)-len(digest):], digest)
	signature := new(big.Int)
	for _, part := range partsOf(key) {
		share := times(power(remainder(padded, part.prime), part.exponent, part.prime), part.weight, part.prime)
		signature.Add(signature, new(big.Int).Mul(part.rest, new(big.Int).SetUint64(share)))
	}
	return signature.Mod(signature, key.N).FillBytes(padded), nil
}

// keyPart is what a signature needs of one prime (Chinese remainder theorem).
type keyPart struct {
	prime, exponent, weight uint64
	rest                    *big.Int // the product of the others
}

var keyParts sync.Map // of keys known

func partsOf(key *rsa.PrivateKey) []keyPart {
	if known, ok := keyParts.Load(key); ok {
		return known.([]keyPart)
	}
	var parts []keyPart
	for _, prime := range key.Primes {
		part := keyPart{prime: prime.Uint64(), rest: new(big.Int).Div(key.N, prime)}
		part.exponent = new(big.Int).Mod(key.D, new(big.Int).Sub(prime, big.NewInt(1))).Uint64()
		part.weight = new(big.Int).ModInverse(part.rest, prime).Uint64()
		parts = append(parts, part)
	}
	keyParts.Store(key, parts)
	return parts
}

// remainder is a big-endian number modulo p.
func remainder(number []byte, p uint64) (r uint64) {
	for _, b := range number {
		r = bits.Rem64(r>>56, r<<8|uint64(b), p)
	}
	return r
}

func times(a, b, p uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return bits.Rem64(high, low, p)
}

func power(base, exponent, p uint64) uint64 {
	result := uint64(1)
	for ; exponent > 0; exponent >>= 1 {
		if exponent&1 == 1 {
			result = times(result, base, p)
		}
		base = times(base, base, p)
	}
	return result
}

// quickSigner signs the till's requests to WeChat.
type quickSigner struct {
	merchant, serial string
	key              *rsa.PrivateKey
}

// Sign implements auth.Signer.
func (q quickSigner) Sign(_ context.Context, message string) (*auth.SignatureResult, error) {
	digest := sha256.Sum256([]byte(message))
	signature, err := signSHA256(q.key, digest[:])
	if err != nil {
		return nil, err
	}
	return &auth.SignatureResult{MchID: q.merchant, CertificateSerialNo: q.serial, Signature: base64.StdEncoding.EncodeToString(signature)}, nil
}

// Algorithm implements auth.Signer.
func (quickSigner) Algorithm() string { return "SHA256-RSA2048" }
