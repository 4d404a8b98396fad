package machine

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
	"oxtail/parser/regfile"
)

func made(names string) (out []profile.Value) {
	for _, r := range names {
		v := profile.Value{Name: string(r | 0x20), Type: profile.TypeBinary}
		if r < 'a' { // a capital letter is the same name with other data
			v.Data = []byte{1}
		}
		out = append(out, v)
	}
	return out
}

// TestValueChanges plays the changes as the registry does: a value that is there is
// changed in its place, a new one goes to the end.
func TestValueChanges(t *testing.T) {
	cases := []struct {
		have, want string
		steps      int
	}{
		{"", "", 0}, {"abc", "abc", 0}, {"abc", "aBc", 1}, {"abc", "ab", 1}, {"ab", "abc", 1}, {"", "ab", 2}, {"ab", "", 2},
		{"bc", "abc", 5}, {"acb", "abc", 4}, {"abc", "xyz", 6}, {"axc", "Abc", 5},
	}
	for _, c := range cases {
		have, want := made(c.have), made(c.want)
		steps := valueChanges(have, want)
		if len(steps) != c.steps {
			t.Errorf("%q to %q: %d steps; want %d", c.have, c.want, len(steps), c.steps)
		}
		for _, s := range steps {
			i := slices.IndexFunc(have, func(v profile.Value) bool { return v.Name == s.name })
			switch {
			case s.set == nil:
				have = slices.Delete(have, i, i+1)
			case i >= 0:
				have[i] = *s.set
			default:
				have = append(have, *s.set)
			}
		}
		if fmt.Sprint(have) != fmt.Sprint(want) {
			t.Errorf("%q to %q: came out as %v", c.have, c.want, have)
		}
	}
}

// TestExported: what Write made of a key is taken for this key only.
func TestExported(t *testing.T) {
	const key = `Software\Microsoft\Office\16.0\Outlook\Profiles`
	var reg bytes.Buffer
	if err := regfile.Write(&reg, currentUser+`\`+key, keytest.Fixture()); err != nil {
		t.Fatal(err)
	}
	got, err := exported(key, reg.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	keytest.Equal(t, got, keytest.Fixture())
	if err := sameKey(got, keytest.Fixture()); err != nil {
		t.Error(err)
	}
	for _, other := range []string{`Software\Microsoft\Office\16.0\Outlook`, key + `\Work`, `Software\Microsoft\Office\15.0\Outlook\Profiles`, ``, `HKEY_USERS\x`, key + `\`} {
		if _, err := exported(other, reg.Bytes()); err == nil {
			t.Errorf("an export of %s was taken for %q", key, other)
		}
	}
}

func TestSameKey(t *testing.T) {
	tree := func(change func(*keytest.Node)) *keytest.Node {
		n := &keytest.Node{KeyName: "root"}
		n.Text("a", "1").Text("b", "2")
		n.Key("sub").Text("c", "3")
		change(n)
		return n
	}
	plain := tree(func(*keytest.Node) {})
	for name, change := range map[string]func(*keytest.Node){
		"a value more":   func(n *keytest.Node) { n.Text("x", "") },
		"other data":     func(n *keytest.Node) { n.Key("sub").Vals[0].Data[0] = 'x' },
		"other type":     func(n *keytest.Node) { n.Vals[0].Type = profile.TypeBinary },
		"a key more":     func(n *keytest.Node) { n.Key("x") },
		"a key renamed":  func(n *keytest.Node) { n.Subs[0].KeyName = "x" },
		"a value is cut": func(n *keytest.Node) { n.Vals = n.Vals[:1] },
	} {
		if err := sameKey(tree(change), plain); err == nil {
			t.Errorf("%s is not seen", name)
		}
	}
	if err := sameKey(tree(func(n *keytest.Node) { slices.Reverse(n.Vals) }), plain); err != nil {
		t.Errorf("another order of values: %v", err)
	}
}
