package report

import "testing"

func TestPlain(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain text", "plain text"},
		{"a\tb\r\nc", "a b  c"},
		{"\x1b[31mred\x1b[0m", "␛[31mred␛[0m"},
		{"bell\a nul\x00 del\x7f", "bell␇ nul␀ del␡"},
		{"c1 \u009b31m", "c1 �31m"},
		{"bad \xff byte", "bad � byte"},
		{"rtl \u202egpj.exe", "rtl ·gpj.exe"},
		{"Übersicht 日本", "Übersicht 日本"},
	} {
		if got := Plain(c.in); got != c.want {
			t.Errorf("Plain(%q) = %q; want %q", c.in, got, c.want)
		}
	}
}
