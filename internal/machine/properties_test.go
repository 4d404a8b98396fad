package machine

import (
	"strings"
	"testing"

	"oxtail/actions/apply"
	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
)

func TestPropertiesOf(t *testing.T) {
	service, provider := strings.Repeat("0a", 16), strings.Repeat("0b", 16)
	prof := &keytest.Node{KeyName: "Work"}
	list := []byte(strings.Repeat("\x0b", 16) + strings.Repeat("\x0b", 16) + "cut")
	prof.Key(service).Wide("001f3d09", profile.ServiceOXtender).Binary("01023d00", list).Long("00033009", 0xffffffff).
		Binary("000b6603", []byte{1, 0}).Binary("000b6605", []byte{1}).Text("001e6601", "user").Text("not a property", "x").Binary("0102", nil)
	prof.Key(provider).Binary("S0102f6700", []byte{1}).Binary("S01026700", []byte{1}).Binary("01026611", []byte{1}).
		Wide("001f6600", strings.Repeat("ä", apply.MaxPropertyText))
	got, err := propertiesOf(prof, service)
	if err != nil {
		t.Fatal(err)
	}
	want := []apply.Property{
		{Section: service, Tag: 0x30090003, Type: "long", Text: "-1"},
		{Section: service, Tag: 0x3D000102, Type: "binary", Text: strings.Repeat("0b", 32) + "637574"},
		{Section: service, Tag: 0x3D09001F, Type: "text", Text: profile.ServiceOXtender},
		{Section: service, Tag: 0x6601001E, Type: "text", Text: "user"},
		{Section: service, Tag: 0x6603000B, Type: "boolean", Text: "1"},
		{Section: service, Tag: 0x6605000B, Type: "boolean", Text: "01"},
		{Section: provider, Tag: 0x6600001F, Type: "text", Text: strings.Repeat("ä", apply.MaxPropertyText/2), Cut: true},
		{Section: provider, Tag: 0x66110102, Type: "binary", Secured: true},
		{Section: provider, Tag: 0x67000102, Type: "binary", Secured: true},
	}
	if len(got) != len(want) {
		t.Fatalf("%d properties; want %d: %+v", len(got), len(want), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("property %d: %+v; want %+v", i, got[i], want[i])
		}
	}
	if _, err := propertiesOf(prof, strings.Repeat("0c", 16)); err == nil {
		t.Error("a section that is not there has properties")
	}
}
