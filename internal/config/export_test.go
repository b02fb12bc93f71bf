package config

import "reflect"

// Keys are all settings there are.
func Keys() []string { return keys(reflect.TypeFor[Config](), "") }

// WeakPIN is the rule about PINs.
var WeakPIN = weakPIN
