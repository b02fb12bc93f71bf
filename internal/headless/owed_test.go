package headless

import (
	"fmt"
	"testing"
	"testing/synctest"

	"abacus/payment/sandbox"
)

// lateAndRefused is told by both channels' real clients against the sandbox: in
// doubt, forced, paid in cash, paid late, and the refund refused.
const lateAndRefused = `
→ {"jsonrpc":"2.0","id":1,"method":"operator.login","params":{"operator":"1001","pin":"246810"}}
← {"jsonrpc":"2.0","id":1,"result":{"operator":"1001",…}}
→ {"jsonrpc":"2.0","id":2,"method":"shift.open","params":{"float":0}}
← {"jsonrpc":"2.0","id":2,"result":{…}}
→ POST /faults {"channel":"%[1]s","operation":"charge","fault":"drop-answer"}
← …
→ POST /faults {"channel":"%[1]s","operation":"query","fault":"http:502","probability":1}
← …
→ POST /codes {"channel":"%[1]s"}
← {"code":"%[2]s","channel":"%[1]s",…}
→ {"jsonrpc":"2.0","id":3,"method":"sale.add","params":{"amount":1136}}
← {"jsonrpc":"2.0","id":3,"result":{"sale":"20261121-0001","due":1136,…}}
→ {"jsonrpc":"2.0","id":4,"method":"sale.pay","params":{"sale":"20261121-0001","method":"auto","code":"%[2]s"}}
← {"jsonrpc":"2.0","id":4,"result":{"payment":"20261121-0001-1",…}}
→ {"jsonrpc":"2.0","id":5,"method":"payment.wait","params":{"payment":"20261121-0001-1","timeout_ms":12000}}
← {"jsonrpc":"2.0","id":5,"result":{"payment":"20261121-0001-1","state":"checking",…}}
→ {"jsonrpc":"2.0","id":6,"method":"payment.force","params":{"payment":"20261121-0001-1","reason":"hurry"}}
← {"jsonrpc":"2.0","id":6,"result":{"payment":"20261121-0001-1","forced":true,…}}
→ {"jsonrpc":"2.0","id":7,"method":"sale.pay","params":{"sale":"20261121-0001","method":"cash"}}
← {"jsonrpc":"2.0","id":7,"result":{"payment":"20261121-0001-2","state":"paid",…}}
→ DELETE /faults
← …
→ POST /faults {"channel":"%[1]s","operation":"refund","fault":"merchant-funds","times":1}
← …
→ {"jsonrpc":"2.0","id":8,"method":"payment.query","params":{"payment":"20261121-0001-1"}}
← {"jsonrpc":"2.0","id":8,"result":{"payment":"20261121-0001-1","state":"paid",…}}
→ {"jsonrpc":"2.0","id":10,"method":"refund.list","params":{"open":true}}
← {"jsonrpc":"2.0","id":10,"result":[{"refund":"20261121-0001-1-R1",…}]}
→ {"jsonrpc":"2.0","id":11,"method":"refund.query","params":{"refund":"20261121-0001-1-R1"}}
← {"jsonrpc":"2.0","id":11,"result":{"refund":"20261121-0001-1-R1",…}}
→ {"jsonrpc":"2.0","id":9,"method":"refund.query","params":{"refund":"20261121-0001-1-R1"}}
← {"jsonrpc":"2.0","id":9,"result":{"refund":"20261121-0001-1-R1","state":"refused","cause":"late","reason":"merchant-funds","owing":true,"next":"person","say":"The shop's account has not enough money; the customer's money has not gone back.",…}}
`

const owedThen = `
→ {"jsonrpc":"2.0","id":20,"method":"operator.login","params":{"operator":"1001","pin":"246810"}}
← {"jsonrpc":"2.0","id":20,"result":{"operator":"1001",…}}
→ {"jsonrpc":"2.0","id":21,"method":"till.snapshot"}
← {"jsonrpc":"2.0","id":21,"result":{"refund_count":1,…}}
→ {"jsonrpc":"2.0","id":22,"method":"payment.doubles"}
← {"jsonrpc":"2.0","id":22,"result":[{"why":"same-sale","amount":1136,…}]}
→ {"jsonrpc":"2.0","id":23,"method":"shift.close","params":{"counted":1136}}
← {"jsonrpc":"2.0","id":23,"result":{"report":{"doubtful":1,"doubtful_amount":1136,"doubles":1,…},…}}
→ {"jsonrpc":"2.0","id":24,"method":"refund.list","params":{"open":true}}
← {"jsonrpc":"2.0","id":24,"result":[{"refund":"20261121-0001-1-R1","state":"refused","owing":true,"payer":"…","payment_reference":"…",…}]}
→ {"jsonrpc":"2.0","id":25,"method":"refund.retry","params":{"refund":"20261121-0001-1-R1"}}
← {"jsonrpc":"2.0","id":25,"result":{"refund":"20261121-0001-1-R2",…}}
→ {"jsonrpc":"2.0","id":26,"method":"refund.query","params":{"refund":"20261121-0001-1-R2"}}
← {"jsonrpc":"2.0","id":26,"result":{"refund":"20261121-0001-1-R2",…}}
→ POST /clock {"advance_ms":2000}
← …
→ {"jsonrpc":"2.0","id":27,"method":"refund.query","params":{"refund":"20261121-0001-1-R2"}}
← {"jsonrpc":"2.0","id":27,"result":{"refund":"20261121-0001-1-R2","state":"done",…}}
→ {"jsonrpc":"2.0","id":28,"method":"refund.get","params":{"refund":"20261121-0001-1-R1"}}
← {"jsonrpc":"2.0","id":28,"result":{"refund":"20261121-0001-1-R1","state":"refused","instead":"20261121-0001-1-R2",…}}
→ {"jsonrpc":"2.0","id":29,"method":"payment.doubles"}
← {"jsonrpc":"2.0","id":29,"result":[]}
→ GET /books
← [{"channel":"%[1]s","captured":1136,"refunded":1136,…}]
`

// Never silence: the refusal outlives the program, is on the Z, and ends with a
// refund under a new number, on both sides' books.
func TestRefusedRefundOfLateMoney(t *testing.T) {
	for channel, code := range map[string]string{"wechat": "134567890123450000", "alipay": "281234567890120000"} {
		t.Run(channel, func(t *testing.T) {
			setup, err := sandbox.Prepare(t.Context(), "", sandbox.Options{})
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				box := sandbox.New(setup, sandbox.Options{})
				bound := map[string]string{}
				for _, told := range []string{lateAndRefused, owedThen} {
					core, end := tillAt(t, dir, box)
					w := wire2(t.Context(), core)
					w.lines.Buffer(nil, 1<<20)
					d := &dialogue{t: t, box: box.Control(), wire: w, bound: bound}
					d.run(fmt.Sprintf(told, channel, code))
					w.send.Close()
					<-w.done
					end()
				}
			})
		})
	}
}
