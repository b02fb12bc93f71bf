package lang

// Paper is one room's texts.
type Paper struct{}

var paperChinese = Paper{}

var paperEnglish = Paper{}
