package checks

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestDefault loads the shipped checks.
func TestDefault(t *testing.T) {
	set, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(set.List()); n < 27 {
		t.Errorf("%d checks are shipped; the FAQ alone has more", n)
	}
}

const goodCheck = `- id: ENV900
  title: a title
  roles: [outlook-client]
  source: a source
  certainty: quoted
  action: manual
  remedy: a remedy
  tests:
    - probes:
        - registry: {key: HKLM\SOFTWARE\A, value: B}
      pass: {equals: C}
`

// TestLoadErrors: what is wrong with a file is told with its line.
func TestLoadErrors(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"nothing", "", "", ""},
		{"unknown key", "remedy: a", "remedi: a", `c.yml:7: unknown key "remedi" of a check`},
		{"unknown key of a test", "pass: {", "passes: {", `c.yml:11: unknown key "passes" of a test`},
		{"unknown condition", "equals: C", "equal: C", `c.yml:11: unknown key "equal" of a condition`},
		{"unknown probe", "registry:", "regstry:", `c.yml:10: unknown probe "regstry"; want one of cache,`},
		{"unknown argument", "value: B", "valeu: B", `c.yml:10: unknown argument "valeu" of probe registry; it takes key, value`},
		{"argument missing", "key: HKLM\\SOFTWARE\\A, ", "", `c.yml:10: probe registry needs key`},
		{"bad view", "value: B", "view: 16", `c.yml:10: argument view of probe registry: unexpected "16"`},
		{"bad id", "ENV900", "ENV9", `c.yml:1: id "ENV9"`},
		{"bad role", "outlook-client", "server", `unexpected role "server"`},
		{"bad certainty", "quoted", "sure", `unexpected certainty "sure"`},
		{"bad action", "action: manual", "action: pray", `unexpected action "pray"`},
		{"no condition", "pass: {equals: C}", "pass: {}", "needs a condition"},
		{"bad result", "pass: {equals: C}", "pass: {equals: C}\n      else: bad", `unexpected result "bad" under else`},
		{"no YAML", "roles: [", "roles: [[", "not YAML"},
		{"an alias", "title: a title", "title: &a x\n  inferred: *a", "aliases are not supported"},
		{"no remedy", "  remedy: a remedy\n", "", "needs title, source and remedy"},
	} {
		text := strings.Replace(goodCheck, c.old, c.new, 1)
		_, err := Load(fstest.MapFS{"c.yml": &fstest.MapFile{Data: []byte(text)}})
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: error %v; want %s", c.name, err, c.want)
		}
	}
	twice := fstest.MapFS{"a.yml": &fstest.MapFile{Data: []byte(goodCheck)}, "b.yml": &fstest.MapFile{Data: []byte(goodCheck)}}
	if _, err := Load(twice); err == nil || !strings.Contains(err.Error(), "b.yml:1: check ENV900 is there twice, first in a.yml") {
		t.Errorf("twice: %v", err)
	}
}
