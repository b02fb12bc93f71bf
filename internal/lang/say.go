package lang

// Say is one room's texts.
type Say struct{}

var sayChinese = Say{}

var sayEnglish = Say{}
