package lang

import (
	"reflect"
	"regexp"
	"testing"
)

// Every text is there in both languages and takes the same arguments in the
// same order.
func TestCommandIsCompleteAndFillsAlike(t *testing.T) {
	alike(t, "Command", reflect.ValueOf(commandChinese), reflect.ValueOf(commandEnglish))
}

func alike(t *testing.T, name string, chinese, english reflect.Value) {
	t.Helper()
	if chinese.Kind() == reflect.Struct {
		for i := range chinese.NumField() {
			alike(t, name+"."+chinese.Type().Field(i).Name, chinese.Field(i), english.Field(i))
		}
		return
	}
	verb := regexp.MustCompile(`%[a-z]`)
	a, b := chinese.String(), english.String()
	if a == "" || b == "" {
		t.Errorf("%s is empty in one language", name)
	}
	if !reflect.DeepEqual(verb.FindAllString(a, -1), verb.FindAllString(b, -1)) {
		t.Errorf("%s takes other arguments:\n%s\n%s", name, a, b)
	}
}
