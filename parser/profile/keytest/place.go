package keytest

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"oxtail/parser/profile"
)

// Places holds that each key and value below root stands in the file where it says:
// the bytes there hold its name, as UTF-8 or UTF-16 of either order, escaped as in a
// .reg file, or as Latin-1.
func Places(t *testing.T, root profile.Placed, file []byte) {
	t.Helper()
	keys, err := root.Subkeys()
	if err != nil {
		t.Fatal(err)
	}
	values, err := root.Values()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		at, ok := root.ValuePlace(strings.ToUpper(v.Name))
		if v.Name != "" && (!ok || !holdsName(file, at, v.Name)) {
			t.Errorf("value %q: place %+v, %v does not hold the name", v.Name, at, ok)
		}
	}
	if _, ok := root.ValuePlace("no such value"); ok {
		t.Error("a value that is not there has a place")
	}
	for _, key := range keys {
		placed, ok := key.(profile.Placed)
		if !ok || !holdsName(file, placed.Place(), key.Name()) {
			t.Errorf("key %q: its place does not hold the name", key.Name())
			continue
		}
		Places(t, placed, file)
	}
}

func holdsName(file []byte, at profile.Place, name string) bool {
	if at.Length <= 0 || at.Offset < 0 || at.Offset+int64(at.Length) > int64(len(file)) {
		return false
	}
	there := file[at.Offset:][:at.Length]
	var latin []byte
	for _, r := range name {
		latin = append(latin, byte(r))
	}
	wide := UTF16(escape(name))
	wide = wide[:len(wide)-2] // without the final NUL
	swapped := slices.Clone(wide)
	for i := 0; i+1 < len(swapped); i += 2 {
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
	}
	plain := UTF16(name)
	for _, form := range [][]byte{[]byte(escape(name)), []byte(name), wide, swapped, plain[:len(plain)-2], latin} {
		if bytes.Contains(there, form) {
			return true
		}
	}
	return false
}
