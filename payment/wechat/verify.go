package wechat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core/auth"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"
)

// skewLimit is how far an answer's time may be from ours, by WeChat's rule
// (https://pay.weixin.qq.com/doc/v3/merchant/4013053249).
const skewLimit = 5 * time.Minute

// probePrefix begins signatures that WeChat spoils on purpose, to see whether
// a merchant checks them.
const probePrefix = "WECHATPAY/SIGNTEST/"

var (
	errSignature = errors.New("the answer's signature does not hold")
	errSkew      = errors.New("the answer's time is more than 5 minutes from ours")
	errRead      = errors.New("the answer broke off")
)

// validator checks that an answer is WeChat's own and fresh. It stands in for
// the library's, which reads time.Now, tells a stale answer from a forged one
// only in words, and is never asked about answers other than 2xx.
type validator struct {
	verifier auth.Verifier
	now      func() time.Time
}

// Validate implements auth.Validator; the body can be read again afterwards.
func (v validator) Validate(ctx context.Context, resp *http.Response) error {
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // whatever it says, all that counts has been read or not
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: %w", errRead, err)
	}
	return v.check(ctx, resp.Header, body)
}

// GetAcceptSerial implements auth.Validator: the key the answer should be
// signed with.
func (v validator) GetAcceptSerial(ctx context.Context) (string, error) {
	return v.verifier.GetSerial(ctx)
}

func (v validator) check(ctx context.Context, h http.Header, body []byte) error {
	signature, serial := h.Get(consts.WechatPaySignature), h.Get(consts.WechatPaySerial)
	stamp, nonce := h.Get(consts.WechatPayTimestamp), h.Get(consts.WechatPayNonce)
	switch {
	case signature == "" || serial == "" || stamp == "" || nonce == "":
		return fmt.Errorf("%w: it has none", errSignature)
	case strings.HasPrefix(signature, probePrefix):
		return fmt.Errorf("%w: a probe of WeChat's", errSignature)
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: its time is not a number", errSignature)
	}
	message := stamp + "\n" + nonce + "\n" + string(body) + "\n"
	if err := v.verifier.Verify(ctx, serial, message, signature); err != nil {
		return errSignature
	}
	if skew := v.now().Sub(time.Unix(seconds, 0)); skew > skewLimit || skew < -skewLimit {
		return errSkew
	}
	return nil
}
