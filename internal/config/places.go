package config

import (
	"path/filepath"
	"strings"

	"abacus/internal/lang"
)

const auto = "auto"

// environment makes a map of os.Environ's lines. Windows has no case in names
// of variables.
func environment(lines []string, system string) map[string]string {
	env := make(map[string]string, len(lines))
	for _, line := range lines {
		name, value, _ := strings.Cut(line, "=")
		if system == "windows" {
			name = strings.ToUpper(name)
		}
		env[name] = value
	}
	return env
}

// places are where a configuration is looked for, in order.
func places(dir string, env map[string]string, system string) []string {
	folders := []string{dir}
	switch {
	case system == "windows" && env["APPDATA"] != "":
		folders = append(folders, filepath.Join(env["APPDATA"], "abacus"))
	case env["XDG_CONFIG_HOME"] != "":
		folders = append(folders, filepath.Join(env["XDG_CONFIG_HOME"], "abacus"))
	case env["HOME"] != "":
		folders = append(folders, filepath.Join(env["HOME"], ".config", "abacus"))
	}
	if system != "windows" {
		folders = append(folders, "/etc/abacus")
	}
	for i := range folders {
		folders[i] = filepath.Join(folders[i], "config.yaml")
	}
	return folders
}

// dataFolder is where the journal goes by default; empty when the environment
// names no home.
func dataFolder(env map[string]string, system string) string {
	switch {
	case system == "windows" && env["LOCALAPPDATA"] != "":
		return filepath.Join(env["LOCALAPPDATA"], "abacus")
	case env["XDG_DATA_HOME"] != "":
		return filepath.Join(env["XDG_DATA_HOME"], "abacus")
	case system == "darwin" && env["HOME"] != "":
		return filepath.Join(env["HOME"], "Library", "Application Support", "abacus")
	case env["HOME"] != "":
		return filepath.Join(env["HOME"], ".local", "share", "abacus")
	}
	return ""
}

// LanguageOf is the language of an environment as os.Environ gives it, for what
// has to be said before there is a configuration.
func LanguageOf(lines []string) lang.Tag { return spoken(environment(lines, "")) }

// spoken is the language of the environment. A machine that says nothing
// stands in a Chinese shop.
func spoken(env map[string]string) lang.Tag {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		locale := env[name]
		switch {
		case locale == "":
			continue
		case strings.HasPrefix(locale, "zh"), locale == "POSIX", locale == "C", strings.HasPrefix(locale, "C."):
			return lang.Chinese
		}
		return lang.English
	}
	return lang.Chinese
}

func isTag(tag lang.Tag) bool { return tag == lang.Chinese || tag == lang.English }
