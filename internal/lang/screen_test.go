package lang

import (
	"reflect"
	"regexp"
	"slices"
	"testing"
)

// Both languages fill the same verbs in the same order, and no text is empty.
func TestScreenTextsAgree(t *testing.T) {
	verbs := regexp.MustCompile(`%[a-z]`)
	chinese, english := reflect.ValueOf(screenChinese), reflect.ValueOf(screenEnglish)
	for i := range chinese.NumField() {
		name, zh, en := chinese.Type().Field(i).Name, chinese.Field(i).String(), english.Field(i).String()
		if zh == "" || en == "" {
			t.Errorf("%s is empty in a language", name)
		}
		if a, b := verbs.FindAllString(zh, -1), verbs.FindAllString(en, -1); !slices.Equal(a, b) {
			t.Errorf("%s fills %v in Chinese and %v in English", name, a, b)
		}
	}
}
