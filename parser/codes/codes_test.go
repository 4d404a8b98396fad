package codes

import (
	"slices"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	cases := []struct {
		text string
		want string // codes joined by a blank
	}{
		{"hr=0x8004010f in Inbox", "0x8004010F"},
		{"\t0X80190194", "0x80190194"},
		{"16:40:470X80190194", "0x80190194"},
		{"[80070057-501-80070057-322]", "0x80070057"},
		{"[80040305-54A-4DE-1900]", "0x80040305"},
		{"click http://example.com/x.asp?err=80040305-54a-4de-421", "0x80040305"},
		{"13:21:53[80040305-54A-4DE-1900]", "0x80040305"},
		{"Fatal Error: 80040813", "0x80040813"},
		{"hr = 800ccc97, code = 00000000,", "0x800CCC97"},
		{"hr = 00000000, code = 00000000,", ""},
		{"Code: 0xD6A4011D;-693894883", "0xD6A4011D 0x8004011D"},
		{"error -2147221233", "0x8004010F"},
		{"took -2147483647 units", ""},
		{"call failed, hr=2147746063", "0x8004010F"},
		{"error code: 2147942405 (access)", "0x80070005"},
		{"error 2147746063.", "0x8004010F"},
		{"error 2147746063.5", ""},
		{"read 2147746063 bytes", ""},
		{"error 21477460631", ""},
		{"error 2147483649", ""}, // in no table
		{"(HRESULT : 0x80040d37) (0x80040d37)", "0x80040D37"},
		{"P3: 0x80042FAE", "0x80042FAE"},
		{`"code":"SVL-0002"`, "SVL-0002"},
		{"charset ISO-8859-1, RFC-2822, SES-02031", ""},
		{"USM_X-0012 Categories=ERROR Message='x'", "USM_X-0012"},
		{"TC (nid=60D) missing required column (3001001F)", ""},
		{"Compare named property: 0x82050003", ""},
		{"handle 0x9abc0102 opened", ""},
		{"{F959DBBB-3867-41F2-8E5F-3B8BEFAA81B3}", ""},
		{"{80040305-3867-41F2-8E5F-3B8BEFAA81B3}", ""},
		{"reported error (0x00040820) : x", "0x00040820"},
		{"0x8004010F and 0x8004010f again", "0x8004010F"},
		{"id 0x8004010F1", ""},
		{"OpenMsgStore returned 8004011c", "0x8004011C"},
		{"commit 80040115 of branch x", ""},
		{"err 80040115x", ""},
		{"ERROR logon failed: 8004011d", "0x8004011D"},
		{"ERROR logon failed with 8004011D", "0x8004011D"},
		{"ERROR logon failed with code 8004011D.", "0x8004011D"},
		{"ERROR logon (8004011D)", "0x8004011D"},
		{"MAPI_E_FAILONEPROVIDER (8004011D)", "0x8004011D"},
		{"MAPI_E_FAILONEPROVIDER 8004011d", "0x8004011D"},
		{"Fehler &H8004011D", "0x8004011D"},
		{"OpenMsgStore: MAPI_E_DISK_ERROR", "0x80040116"},
		{"MAPI_E_FAILONEPROVIDER (0x8004011D)", "0x8004011D"},
		{"XMAPI_E_DISK_ERROR, MAPI_E_DISK_ERRORS", ""},
		{"error: entries (80040999) of folder", ""},
		{"stored (8004011D) ok", ""},
		{"ERROR logon to the store: 8004011d", "0x8004011D"},
		{"commit: 8004011d", ""},
		{"COMException (0xB5920009): foo", "0xB5920009"},
		{"click HTTP://EXAMPLE.COM/X.ASP?ERR=80040305-54A-4DE-421", "0x80040305"},
	}
	for _, c := range cases {
		var got []string
		for _, code := range Find(c.text) {
			got = append(got, string(code))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("Find(%q) = %q; want %q", c.text, got, c.want)
		}
	}
}

func TestTablesLoad(t *testing.T) {
	if Len() < 300 {
		t.Fatalf("only %d codes are known; the tables hold more than 300", Len())
	}
	e, ok := Lookup("0x80040600")
	if !ok || e.Verdict != "store-corrupt" || e.Action != "rebuild-ost" {
		t.Errorf("Lookup(0x80040600) = %+v, %v", e, ok)
	}
	e, ok = Lookup("SVL-0017")
	if !ok || e.Name != "CONFLICT" || e.Verdict != "item" || e.Action != "retry" {
		t.Errorf("Lookup(SVL-0017) = %+v, %v", e, ok)
	}
}

func TestAllIsSorted(t *testing.T) {
	all := All()
	if len(all) != Len() || len(all) == 0 {
		t.Fatalf("%d entries, Len is %d", len(all), Len())
	}
	for i := 1; i < len(all); i++ {
		if all[i-1].Code >= all[i].Code {
			t.Fatalf("%s stands before %s", all[i-1].Code, all[i].Code)
		}
	}
	if first := all[0].Code; !strings.HasPrefix(string(first), "0x") {
		t.Errorf("first is %s", first)
	}
}

func TestTablesAreUnique(t *testing.T) {
	for name, tsv := range map[string]string{"mapi.tsv": mapiTSV, "ox.tsv": oxTSV} {
		seen := map[string]bool{}
		for i, line := range strings.Split(strings.TrimSpace(tsv), "\n") {
			code, _, _ := strings.Cut(line, "\t")
			if seen[code] {
				t.Errorf("%s:%d: code %s stands twice", name, i+1, code)
			}
			seen[code] = true
		}
	}
}

func TestFindVector(t *testing.T) {
	cases := []struct{ text, want string }{
		{"x [80040305-54A-4DE-1900] y", "[80040305-54A-4DE-1900]"},
		{"[80040803-30141506-0-533]", "[80040803-30141506-0-533]"},
		{"[0-130]", "[0-130]"},
		{"?err=80070005-508-80070005-322", "[80070005-508-80070005-322]"},
		{"{80040305-54AF-4DE0-1900-123456789012}", ""},
		{"[80040305-54AF-4DE0-1900-123456789012]", ""},
		{"[70040305-54A-4DE-1900]", ""},
		{"[0-]", ""},
	}
	for _, c := range cases {
		v, start, end, ok := FindVector(c.text)
		if ok != (c.want != "") || ok && v.String() != c.want {
			t.Errorf("FindVector(%q) = %v, %v; want %q", c.text, v, ok, c.want)
		}
		if ok && (start < 0 || end > len(c.text) || start >= end) {
			t.Errorf("FindVector(%q) has place %d..%d", c.text, start, end)
		}
	}
}

func TestVectorExplain(t *testing.T) {
	v, _, _, _ := FindVector("[80004005-501-FFFFFEAE-324]")
	got := strings.Join(v.Explain(), "\n")
	for _, want := range []string{"MAPI_E_CALL_FAILED", "JET -338", "upload of a message"} {
		if !strings.Contains(got, want) {
			t.Errorf("Explain of %v = %q; want it to name %q", v, got, want)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, seed := range []string{"hr=0x8004010f", "[80040305-54A-4DE-1900]", "err=8", "-2147221233", "SVL-0002", "0x", "[", "SVL-"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found := Find(text)
		for i, c := range found {
			if slices.Contains(found[:i], c) {
				t.Errorf("Find(%q) repeats %s", text, c)
			}
		}
	})
}
