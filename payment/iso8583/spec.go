package iso8583

import (
	"sync"

	"github.com/moov-io/iso8583"
	"github.com/moov-io/iso8583/encoding"
	"github.com/moov-io/iso8583/field"
	"github.com/moov-io/iso8583/prefix"
)

// Numbers of the fields this link uses by name.
const (
	fieldPAN        = 2
	fieldProcessing = 3
	fieldAmount     = 4
	fieldTrace      = 11
	fieldTime       = 12
	fieldDate       = 13
	fieldExpiry     = 14
	fieldSettleDate = 15
	fieldEntry      = 22
	fieldSequence   = 23
	fieldCondition  = 25
	fieldLongestPIN = 26
	fieldTrack2     = 35
	fieldReference  = 37
	fieldAuth       = 38
	fieldResponse   = 39
	fieldTerminal   = 41
	fieldMerchant   = 42
	fieldTotals     = 48
	fieldCurrency   = 49
	fieldPIN        = 52
	fieldSecurity   = 53
	fieldBalance    = 54
	fieldChip       = 55
	fieldReserved   = 60
	fieldOriginal   = 61
	fieldKeys       = 62
	fieldText       = 63
	fieldMAC        = 64
)

// spec is the message as terminals of Chinese acquirers speak it: BCD digits
// with BCD lengths that count digits, a bitmap of 64, no second one. Fixed
// digits are right-justified but for field 22. Fields are texts of their full
// width, never numbers: a number would lose its leading zeros. What may hold a
// card number is bytes, so that it can be overwritten. Field 55 is carried as
// it came: its tags must keep their order.
// Source: UnionPay 银联卡受理终端 POS interface as shown by published parsers
// (vfwz/iso8583-parser, moonwa/p8583sdk), whose messages testdata repeats.
var spec = sync.OnceValue(func() *iso8583.MessageSpec {
	return &iso8583.MessageSpec{
		Name: "UnionPay-style terminal",
		Fields: map[int]field.Field{
			0: fixedDigits(4),
			1: field.NewBitmap(&field.Spec{Length: 8, Enc: encoding.Binary, Pref: prefix.Binary.Fixed, DisableAutoExpand: true}),

			fieldPAN: secretDigits(19, prefix.BCD.LL, false), fieldProcessing: fixedDigits(6), fieldAmount: fixedDigits(12),
			fieldTrace: fixedDigits(6), fieldTime: fixedDigits(6), fieldDate: fixedDigits(4), fieldExpiry: secretFixed(4),
			fieldSettleDate: fixedDigits(4), fieldEntry: leftDigits(3), fieldSequence: fixedDigits(3), fieldCondition: fixedDigits(2),
			fieldLongestPIN: fixedDigits(2), 32: digits(11, prefix.BCD.LL), fieldTrack2: secretDigits(37, prefix.BCD.LL, true),
			36: secretDigits(104, prefix.BCD.LLL, true), fieldReference: fixedText(12), fieldAuth: fixedText(6),
			fieldResponse: fixedText(2), fieldTerminal: fixedText(8), fieldMerchant: fixedText(15),

			43: octets(40, prefix.Binary.Fixed), 44: characters(25, prefix.BCD.LL), 46: characters(999, prefix.BCD.LLL),
			47: octets(999, prefix.BCD.LLL), fieldTotals: digits(322, prefix.BCD.LLL), fieldCurrency: fixedText(3),
			fieldPIN: octets(8, prefix.Binary.Fixed), fieldSecurity: fixedDigits(16), fieldBalance: characters(20, prefix.BCD.LLL),
			fieldChip: octets(999, prefix.BCD.LLL), 56: octets(999, prefix.BCD.LLL), 59: characters(999, prefix.BCD.LLL),
			fieldReserved: digits(17, prefix.BCD.LLL), fieldOriginal: digits(29, prefix.BCD.LLL),
			fieldKeys: octets(512, prefix.BCD.LLL), fieldText: octets(163, prefix.BCD.LLL), fieldMAC: octets(8, prefix.Binary.Fixed),
		},
	}
})

func fixedDigits(n int) field.Field { return textField(n, encoding.BCD, prefix.BCD.Fixed) }
func leftDigits(n int) field.Field  { return textField(n, packed{}, prefix.BCD.Fixed) }
func fixedText(n int) field.Field   { return textField(n, encoding.Binary, prefix.Binary.Fixed) }

func digits(most int, length prefix.Prefixer) field.Field { return textField(most, packed{}, length) }
func characters(most int, length prefix.Prefixer) field.Field {
	return textField(most, encoding.Binary, length)
}

func octets(most int, length prefix.Prefixer) field.Field {
	return field.NewBinary(&field.Spec{Length: most, Enc: encoding.Binary, Pref: length})
}

func secretDigits(most int, length prefix.Prefixer, track bool) field.Field {
	return field.NewBinary(&field.Spec{Length: most, Enc: packed{separator: track}, Pref: length})
}

func secretFixed(n int) field.Field {
	return field.NewBinary(&field.Spec{Length: n, Enc: packed{}, Pref: prefix.BCD.Fixed})
}

func textField(most int, enc encoding.Encoder, length prefix.Prefixer) field.Field {
	return field.NewString(&field.Spec{Length: most, Enc: enc, Pref: length})
}
