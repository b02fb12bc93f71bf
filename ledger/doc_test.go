package ledger

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"abacus/internal/money"
)

// fillIn sets every field of a struct, or leaves some out, as the draws go.
func fillIn(r *rapid.T, v reflect.Value) {
	if v.Kind() != reflect.Struct && rapid.IntRange(0, 3).Draw(r, "left out") == 0 {
		return
	}
	switch v.Interface().(type) {
	case money.Amount:
		a := money.New(rapid.Int64Range(-money.Limit, money.Limit).Draw(r, "minor"), rapid.SampledFrom([]money.Currency{"CNY", "", "<\">"}).Draw(r, "currency"))
		v.Set(reflect.ValueOf(a))
		return
	case time.Time:
		at := time.UnixMicro(rapid.Int64Range(0, 1<<51).Draw(r, "time")).In(rapid.SampledFrom([]*time.Location{time.UTC, beijing}).Draw(r, "zone"))
		v.Set(reflect.ValueOf(at))
		return
	case json.RawMessage:
		v.Set(reflect.ValueOf(json.RawMessage(rapid.SampledFrom([]string{`{"a": "<"}`, "[1, 2]", `"x"`}).Draw(r, "json"))))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(rapid.OneOf(rapid.SampledFrom([]string{"绿茶", "a<b>&c", "\u2028", "\"\\\n\x7f", "\xff"}), rapid.String()).Draw(r, "text"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(r, "bool"))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(r, "int"))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), rapid.IntRange(0, 3).Draw(r, "length"), 3))
		for i := range v.Len() {
			fillIn(r, v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fillIn(r, v.Field(i))
		}
	default:
		r.Fatalf("a field of kind %s: teach this test and doc.go", v.Kind())
	}
}

// TestDocumentsAreWhatJSONWouldWrite finds a field that was added to a
// projection and forgotten in doc.go.
func TestDocumentsAreWhatJSONWouldWrite(t *testing.T) {
	for _, object := range []any{&Sale{}, &Payment{}, &tally{}, PaymentStarted{}, SaleMoved{}, LineAdded{}} {
		rapid.Check(t, func(r *rapid.T) {
			x := reflect.New(reflect.Indirect(reflect.ValueOf(object)).Type())
			fillIn(r, x.Elem())
			if reflect.TypeOf(object).Kind() == reflect.Struct {
				x = x.Elem() // payloads are values
			}
			want, err := json.Marshal(x.Interface())
			if err != nil {
				r.Fatal(err)
			}
			got, err := appendDoc([]byte("before"), x.Interface())
			if err != nil || string(got) != "before"+string(want) {
				r.Fatalf("%T, %v\n got %s\nwant %s", object, err, got, want)
			}
		})
	}
}
