package lang

// Command is one room's texts.
type Command struct{}

var commandChinese = Command{}

var commandEnglish = Command{}
