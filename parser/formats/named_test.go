package formats

import (
	"testing"

	"oxtail/parser"
)

// TestFormatByName: the new Outlook's logs have no marks of their own; their name decides.
func TestFormatByName(t *testing.T) {
	set := defaultSet(t)
	head := linesOf(t, "2024-02-04T10:11:12.345Z started\n2024-02-04T10:11:13.345Z Error sync of folder failed\n")
	for path, want := range map[string]string{"logs/olk_20240204.log": "olk_new", "logs/other.log": "generic"} {
		f, _ := parser.Choose(set.Formats(), path, head)
		if f == nil || f.Name() != want {
			t.Errorf("Choose(%q) = %v; want %s", path, f, want)
		}
	}
}
