package lang

// Screen is one room's texts.
type Screen struct{}

var screenChinese = Screen{}

var screenEnglish = Screen{}
