package config

import "reflect"

// Keys are all settings there are.
func Keys() []string { return keys(reflect.TypeFor[Config](), "") }
