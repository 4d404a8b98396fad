package machine

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf16"

	"oxtail/parser/profile"
)

// group is a key that is made here, above or beside those of the registry.
type group struct {
	name   string
	subs   []profile.Key
	values []profile.Value
}

var _ profile.Key = (*group)(nil)

// Name gives the key's name.
func (g *group) Name() string { return g.name }

// Subkeys gives the subkeys in their order.
func (g *group) Subkeys() ([]profile.Key, error) { return slices.Clone(g.subs), nil }

// Values gives the values in their order.
func (g *group) Values() ([]profile.Value, error) { return slices.Clone(g.values), nil }

// volatile is the key in which Windows keeps the variables of a user who is logged on.
const volatile = "Volatile Environment"

// withEnvironment is a user's hive that has a key of variables. Hive files never have
// one, because Windows makes it at logon.
type withEnvironment struct {
	profile.Key
	env *group
}

// addEnvironment gives a hive the variables of its owner, unless it tells its own.
func addEnvironment(hive profile.Key, env map[string]string) profile.Key {
	key := &group{name: volatile}
	for _, name := range userVariables() {
		if value := env[name]; value != "" {
			key.values = append(key.values, profile.Value{Name: name, Type: profile.TypeString, Data: encode(value)})
		}
	}
	if len(key.values) == 0 {
		return hive
	}
	return &withEnvironment{hive, key}
}

// Subkeys gives the hive's own keys and the variables.
func (w *withEnvironment) Subkeys() ([]profile.Key, error) {
	subs, err := w.Key.Subkeys()
	known := slices.ContainsFunc(subs, func(k profile.Key) bool { return strings.EqualFold(k.Name(), volatile) })
	if known || len(subs) == 0 {
		return subs, err
	}
	return append(slices.Clip(subs), w.env), err
}

// encode writes a text as the registry stores it, with its NUL.
func encode(text string) []byte {
	var data []byte
	for _, unit := range append(utf16.Encode([]rune(text)), 0) {
		data = binary.LittleEndian.AppendUint16(data, unit)
	}
	return data
}
