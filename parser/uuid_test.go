package parser

import (
	"fmt"
	"testing"
)

func TestUUIDs(t *testing.T) {
	const id = "9f3a1c2e-77aa-4b10-8c3d-0123456789ab"
	cases := []struct {
		text string
		want string
	}{
		{"UUID " + id + " already in use", "[" + id + "]"},
		{"{9F3A1C2E-77AA-4B10-8C3D-0123456789AB}", "[" + id + "]"},
		{"uuid=9f3a1c2e77aa4b108c3d0123456789AB;", "[" + id + "]"},
		{id + " mapped to " + id, "[" + id + "]"},
		{id + " -> 00000000-0000-4000-8000-000000000001", "[" + id + " 00000000-0000-4000-8000-000000000001]"},
		{"entry id 9f3a1c2e77aa4b108c3d0123456789ab00", "[]"},
		{"x" + id, "[]"},
		{id + "0", "[]"},
		{id + "-00", "[]"},
		{id + "-", "[" + id + "]"},
		{"9f3a1c2e-77aa-4b10-8c3d", "[]"},
		{"2012-03-05 10:11:12", "[]"},
	}
	for _, c := range cases {
		if got := fmt.Sprint(UUIDs(c.text)); got != c.want {
			t.Errorf("UUIDs(%q) = %s; want %s", c.text, got, c.want)
		}
	}
}

func TestParseUUID(t *testing.T) {
	if u, ok := ParseUUID(" {9F3A1C2E-77AA-4B10-8C3D-0123456789AB} "); !ok || u != "9f3a1c2e-77aa-4b10-8c3d-0123456789ab" {
		t.Errorf("ParseUUID = %q, %v", u, ok)
	}
	if u, ok := ParseUUID("9f3a1c2e-77aa"); ok {
		t.Errorf("ParseUUID of half a UUID = %q", u)
	}
}
