package config

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/viper"

	"abacus/internal/lang"
)

// Sources is where settings come from. A later one goes before an earlier one:
// the file, the environment, the flags.
type Sources struct {
	File string   // as --config says; empty: looked for
	Data string   // as --data says
	Env  []string // as os.Environ

	Dir  string                             // working directory; os.Getwd's when empty
	OS   string                             // runtime.GOOS when empty
	Open func(path string) (fs.File, error) // os.Open when nil
}

// maxFile bounds what is read of any one file.
const maxFile = 1 << 20

// Load reads and checks the configuration. The error is always an *Error.
// Having no configuration at all is no error: the till is then a sandbox.
func Load(s Sources) (*Config, error) {
	if s.OS == "" {
		s.OS = runtime.GOOS
	}
	if s.Dir == "" {
		s.Dir, _ = os.Getwd() // without one, relative paths stay relative
	}
	if s.Open == nil {
		s.Open = func(path string) (fs.File, error) { return os.Open(path) }
	}
	l := loader{
		Sources: s, env: environment(s.Env, s.OS), viper: viper.New(),
		config: defaults(), origin: map[string]string{},
	}
	l.config.Language = spoken(l.env)
	if err := l.load(); err != nil {
		return nil, err
	}
	return l.config, nil
}

type loader struct {
	Sources
	env    map[string]string
	viper  *viper.Viper
	config *Config
	origin map[string]string // setting → the variable or flag it came from; absent: the file

	wechatOn, alipayOn bool // anything but address and timing is set
}

func (l *loader) load() *Error {
	for _, layer := range []func() *Error{l.readFile, l.readEnvironment, l.readFlag} {
		if err := layer(); err != nil {
			return err
		}
	}
	if f := lay(l.viper.AllSettings(), reflect.ValueOf(l.config).Elem(), ""); f != nil {
		return l.wrong(f)
	}
	if tag := lang.Tag(l.config.LanguageSetting); isTag(tag) {
		l.config.Language = tag
	}
	if f := l.check(); f != nil {
		return l.wrong(f)
	}
	return nil
}

// wrong makes an Error of a fault, naming where its setting came from.
func (l *loader) wrong(f *fault) *Error {
	where := l.config.File
	for key, origin := range l.origin {
		if f.key == key || strings.HasPrefix(f.key, key+"[") {
			where = origin
		}
	}
	return &Error{Where: where, Key: f.key, Language: l.config.Language, say: f.say}
}

func (l *loader) readFile() *Error {
	path, data, f := l.findFile()
	if f != nil {
		return &Error{Where: path, Language: l.config.Language, say: f.say}
	}
	if path == "" {
		return nil
	}
	l.config.File = path
	l.viper.SetConfigType("yaml")
	if err := l.viper.ReadConfig(bytes.NewReader(data)); err != nil {
		return l.wrong(&fault{say: func(t *lang.Config) string { return fmt.Sprintf(t.NotYAML, oneLine(err)) }})
	}
	if tag := lang.Tag(l.viper.GetString("language")); isTag(tag) {
		l.config.Language = tag
	}
	// Viper leaves keys without a value out of its settings, but such a name
	// may be misspelt all the same.
	for _, key := range slices.Sorted(slices.Values(l.viper.AllKeys())) {
		if _, f := find(key); f != nil {
			return l.wrong(f)
		}
	}
	if f := lay(l.viper.AllSettings(), reflect.ValueOf(defaults()).Elem(), ""); f != nil {
		return l.wrong(f)
	}
	return nil
}

// findFile gives path and content of the file named, or of the first there is;
// an empty path when there is none. Only a file that was named must exist.
func (l *loader) findFile() (string, []byte, *fault) {
	named := l.File
	if named == "" {
		named = l.env["ABACUS_CONFIG"]
	}
	if named != "" {
		path := absolute(named, l.Dir)
		data, err := l.read(path)
		if isMissing(err) {
			return path, nil, &fault{say: func(t *lang.Config) string { return t.NoSuchConfig }}
		}
		return path, data, unreadable(err)
	}
	for _, path := range places(l.Dir, l.env, l.OS) {
		data, err := l.read(path)
		if !isMissing(err) {
			return path, data, unreadable(err)
		}
	}
	return "", nil, nil
}

func unreadable(err error) *fault {
	switch {
	case err == nil:
		return nil
	case err == errIsFolder:
		return &fault{say: func(t *lang.Config) string { return t.IsFolder }}
	case err == errTooBig:
		return &fault{say: func(t *lang.Config) string { return fmt.Sprintf(t.TooBig, maxFile>>10) }}
	}
	return &fault{say: func(t *lang.Config) string { return fmt.Sprintf(t.Unreadable, cause(err)) }}
}

// readEnvironment takes every variable that begins with ABACUS_. One that
// belongs to no setting is refused: it is a slip that would go unnoticed.
func (l *loader) readEnvironment() *Error {
	settings := settable()
	variables := make([]string, len(settings))
	for i, key := range settings {
		variables[i] = variable(key)
	}
	for _, name := range slices.Sorted(maps.Keys(l.env)) {
		value := l.env[name]
		if !strings.HasPrefix(name, "ABACUS_") || name == "ABACUS_CONFIG" || value == "" {
			continue
		}
		i := slices.Index(variables, name)
		if i < 0 {
			return &Error{Where: name, Language: l.config.Language, say: unknownVariable(nearest(name, variables))}
		}
		if err := l.override(name, settings[i], value); err != nil {
			return err
		}
	}
	return nil
}

func unknownVariable(near string) problem {
	return func(t *lang.Config) string {
		if near == "" {
			return t.UnknownEnv
		}
		return fmt.Sprintf(t.UnknownEnvNear, near)
	}
}

func (l *loader) readFlag() *Error {
	if l.Data == "" {
		return nil
	}
	return l.override("--data", "data", l.Data)
}

// override puts one setting from outside the file over what is known. What is
// text in the file is taken as it stands, everything else is read as YAML, so
// that the types are checked as strictly as in the file.
func (l *loader) override(origin, key, value string) *Error {
	l.origin[key] = origin
	field, f := find(key)
	if f != nil {
		return l.wrong(f)
	}
	var typed any = value
	if kind := field.Kind(); kind == reflect.Int || kind == reflect.Bool || kind == reflect.Slice {
		one := viper.New()
		one.SetConfigType("yaml")
		if err := one.ReadConfig(strings.NewReader("value: " + value)); err == nil {
			typed = one.Get("value")
		}
	}
	if f := set(field, typed, key); f != nil {
		return l.wrong(f)
	}
	l.viper.Set(key, typed)
	return nil
}

// read gives a whole file of at most maxFile bytes.
func (l *loader) read(path string) ([]byte, error) {
	file, err := l.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, errIsFolder
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = errTooBig
	}
	return data, err
}

// windowsPort tells COM3 and LPT1 from the names of files.
func windowsPort(path string) bool {
	number, ok := strings.CutPrefix(path, "COM")
	if !ok {
		number, ok = strings.CutPrefix(path, "LPT")
	}
	return ok && onlyDigits(number)
}

func absolute(path, dir string) string {
	if path == "" || filepath.IsAbs(path) || windowsPort(path) {
		return path
	}
	return filepath.Join(dir, path)
}
