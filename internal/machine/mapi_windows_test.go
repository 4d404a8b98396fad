package machine

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"oxtail/actions/apply"
	"oxtail/parser/profile"
)

// ownAndOther runs a test with the Outlook of this process's width, and with that of
// the other one, for which oxtail starts the other program.
func ownAndOther(t *testing.T, do func(t *testing.T, p *provider)) {
	t.Run("same bitness", func(t *testing.T) { do(t, useProvider(t, ownBits)) })
	t.Run("other bitness", func(t *testing.T) { do(t, useProvider(t, bits32+bits64-ownBits)) })
}

// TestRecreateService is the whole of it, on one profile with three services.
func TestRecreateService(t *testing.T) {
	ownAndOther(t, func(t *testing.T, p *provider) {
		p.makeProfile("Work")
		cache := filepath.Join(t.TempDir(), "cache.odb")
		if err := os.WriteFile(cache, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		setUser(t, providerKey, textValue("CacheFiles", cache))
		if err := p.CanMAPI(t.Context()); err != nil {
			t.Fatal(err)
		}
		var uids []string
		for _, name := range []string{"MSEMS", profile.ServiceOXtender, "CONTAB"} {
			uids = append(uids, p.create("Work", name, name+" display"))
		}
		want := apply.Service{UID: uids[1], Name: profile.ServiceOXtender, Display: profile.ServiceOXtender + " display"}
		if list := p.services("Work"); len(list) != 3 || list[1] != want {
			t.Fatalf("services %+v; want %+v as second of three", list, want)
		}

		release := hold(t, cache)
		if err := p.DeleteService(t.Context(), "Work", uids[1]); !hasCode(err, 0x8004010B) || !strings.Contains(err.Error(), "close the holders") {
			t.Errorf("delete while the cache is held: %v; want MAPI_E_BUSY with its remedy", err)
		}
		release()
		if err := p.DeleteService(t.Context(), "Work", uids[1]); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(cache); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the cache file is still there: %v", err)
		}

		uid := p.create("Work", profile.ServiceOXtender, "Again")
		if uid == uids[1] {
			t.Errorf("the new service has the UID %s of the old one", uid)
		}
		configured(t, p, "Work", uid)
		inv, err := p.Inventory(t.Context())
		if err != nil || len(inv.Profiles) != 1 {
			t.Fatalf("inventory %+v, %v; want one profile", inv, err)
		}
		var got []string
		for _, s := range inv.Profiles[0].Services {
			got = append(got, s.UID)
		}
		if want := []string{uids[0], uids[2], uid}; !slices.Equal(got, want) {
			t.Errorf("services by the registry %v; want %v", got, want)
		}
		if log := p.logged(); !strings.Contains(log, "MAPIUninitialize, 0 left") || strings.Contains(log, "foreign") {
			t.Errorf("the provider's log: %s", log)
		}
	})
}

// configured sets properties of a service and reads them back.
func configured(t *testing.T, p *provider, name, uid string) {
	t.Helper()
	set := []apply.Property{
		{Tag: 0x6600001F, Type: "text", Text: "https://server.example/ünïcode"},
		{Tag: 0x6601001E, Type: "text", Text: "user"},
		{Tag: 0x66020003, Type: "long", Text: "-2"},
		{Tag: 0x6603000B, Type: "boolean", Text: "1"},
		{Tag: 0x66040102, Type: "binary", Text: "010203"},
	}
	if err := p.ConfigureService(t.Context(), name, uid, set, false); err != nil {
		t.Fatal(err)
	}
	got, err := p.Properties(t.Context(), name, uid)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range set {
		want.Section = uid
		if want.Type == "text" {
			want.Tag = want.Tag&^0xffff | 0x1f // the provider stores it so
		}
		if !slices.Contains(got, want) {
			t.Errorf("properties %+v; want %+v among them", got, want)
		}
	}
	for _, bad := range []apply.Property{
		{Tag: 0x67F00102, Secured: true}, {Tag: 0x6600001F, Text: "cut", Cut: true}, {Tag: 0x66000040, Text: "00"},
		{Tag: 0x66020003, Text: "many"}, {Tag: 0x66040102, Text: "0x"}, {Tag: 0x6600001F, Text: "Продажи"},
	} {
		if err := p.ConfigureService(t.Context(), name, uid, []apply.Property{bad}, false); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("0x%08X", bad.Tag)) {
			t.Errorf("configure %+v: error %v; want one that names the property", bad, err)
		}
	}
}

// TestNothingToDeleteOrOpen: what is not there is said by its code.
func TestNothingToDeleteOrOpen(t *testing.T) {
	p := useProvider(t, ownBits)
	p.makeProfile("Work")
	p.create("Work", "CONTAB", "x")
	if err := p.DeleteService(t.Context(), "Work", strings.Repeat("01", 16)); !hasCode(err, mapiNotFound) {
		t.Errorf("delete a service that is not there: %v", err)
	}
	if _, err := p.Services(t.Context(), "Nope"); !hasCode(err, mapiLogonFailed) {
		t.Errorf("services of a profile that is not there: %v", err)
	}
	if err := p.DeleteService(t.Context(), "Work", "01"); err == nil || !strings.Contains(err.Error(), "no UID") {
		t.Errorf("delete by half a UID: %v", err)
	}
	if err := p.ConfigureService(t.Context(), "Work", strings.Repeat("01", 16), nil, false); !errors.Is(err, errNothing) {
		t.Errorf("configure with nothing: %v", err)
	}
	if !p.CanConfigure(t.Context(), profile.ServiceOXtender) || p.CanConfigure(t.Context(), "MSEMS") {
		t.Error("CanConfigure does not say what it was told")
	}
}

func TestDefaultProfile(t *testing.T) {
	p := useProvider(t, ownBits)
	p.makeProfile("One")
	p.makeProfile("Two")
	if err := p.SetDefaultProfile(t.Context(), "two"); err != nil {
		t.Fatal(err)
	}
	list, err := p.Profiles(t.Context())
	if err != nil || !slices.Equal(list, []MAPIProfile{{"One", false}, {"Two", true}}) {
		t.Errorf("profiles %+v, %v", list, err)
	}
	if err := p.SetDefaultProfile(t.Context(), "Nope"); !hasCode(err, mapiNotFound) {
		t.Errorf("default of nothing: %v", err)
	}
}

// TestNamesOutsideASCII: names are passed in the ANSI code page, or refused; those that
// the registry has escaped are found.
func TestNamesOutsideASCII(t *testing.T) {
	p := useProvider(t, ownBits)
	if windows.GetACP() != 1252 {
		t.Skipf("the ANSI code page is %d; the names are made for 1252", windows.GetACP())
	}
	p.makeProfile("Verkäufer")
	p.makeProfile("Продажи")
	p.create("Verkäufer", profile.ServiceOXtender, "Müller")
	if list := p.services("Verkäufer"); len(list) != 1 || list[0].Display != "Müller" {
		t.Errorf("services %+v", list)
	}
	if list := p.services("Verk[t~ufer"); len(list) != 1 {
		t.Errorf("services by the name as stored %+v", list)
	}
	if _, err := p.Services(t.Context(), "Продажи"); !errors.Is(err, apply.ErrName) || !strings.Contains(err.Error(), "1252") {
		t.Errorf("services of a name that the code page does not have: %v", err)
	}
	if _, err := p.CreateService(t.Context(), "Verkäufer", profile.ServiceOXtender, "Łódź", false); !errors.Is(err, apply.ErrName) {
		t.Errorf("display name that has only a near miss in the code page: %v", err)
	}
}

// everyCall uses all that the provider has.
func everyCall(p *provider) error {
	ctx := p.t.Context()
	if _, err := p.Profiles(ctx); err != nil {
		return err
	}
	if err := p.SetDefaultProfile(ctx, "Fail"); err != nil {
		return err
	}
	uid, err := p.CreateService(ctx, "Fail", profile.ServiceOXtender, "x", false)
	if err != nil {
		return err
	}
	if err := p.ConfigureService(ctx, "Fail", uid, []apply.Property{{Tag: 0x66020003, Text: "1"}}, false); err != nil {
		return err
	}
	if _, err := p.Services(ctx, "Fail"); err != nil {
		return err
	}
	return p.DeleteService(ctx, "Fail", uid)
}

// TestFailureOfEachCall: each call of the provider fails in turn, and arrives under its
// name with its code, the symbol, what GetLastError says, and a remedy.
func TestFailureOfEachCall(t *testing.T) {
	p := useProvider(t, ownBits)
	p.makeProfile("Fail")
	setUser(t, providerKey, textValue("ErrorText", "what the provider says"))
	const code = 0x80040119
	check := func(method string) {
		t.Helper()
		err := everyCall(p)
		var failed *apply.MAPIError
		if !errors.As(err, &failed) || failed.Call != method || failed.Code != code || failed.Remedy == "" || !strings.Contains(err.Error(), "MAPI_E_EXTENDED_ERROR") {
			t.Errorf("%s fails: error %v", method, err)
			return
		}
		if hasObject := method != "MAPIInitialize" && method != "MAPIAdminProfiles"; hasObject != strings.Contains(failed.Text, "what the provider says (low-level error 0x00000005)") {
			t.Errorf("%s fails: MAPI says %q", method, failed.Text)
		}
	}
	for _, method := range []string{
		"MAPIInitialize", "MAPIAdminProfiles", "GetProfileTable", "HrQueryAllRows", "SetDefaultProfile", "AdminServices",
		"QueryInterface", "CreateMsgServiceEx", "ConfigureMsgService", "GetMsgServiceTable", "DeleteMsgService",
	} {
		p.fail(method, code)
		check(method)
		p.fail(method, 0)
	}
	p.fail("QueryInterface", mapiNoInterface) // Outlook before 2003
	if err := everyCall(p); err != nil {
		t.Errorf("without IMsgServiceAdmin2: %v", err)
	}
	p.fail("CreateMsgService", code)
	check("CreateMsgService")
}

// TestTableInTurns: a MAPI that does not export HrQueryAllRows. It runs in this process.
func TestTableInTurns(t *testing.T) {
	p := useProvider(t, ownBits)
	p.makeProfile("Rows")
	const count = 60
	for range count {
		p.create("Rows", "CONTAB", "x")
	}
	list := func() (*helperAnswer, error) {
		return withMAPI(func(string) {}, func(s *session) (*helperAnswer, error) {
			s.lib.queryAll = 0
			return s.withServices("Rows", func(v *services) (*helperAnswer, error) { return v.request(helperRequest{Op: opServices}) })
		})
	}
	if a, err := list(); err != nil || len(a.Services) != count || !slices.Equal(a.Services, p.services("Rows")) {
		t.Errorf("services %+v, %v; want the %d that HrQueryAllRows gives", a, err, count)
	}
	for _, method := range []string{"SetColumns", "QueryRows"} {
		p.fail(method, 0x8004010E)
		if _, err := list(); !hasCode(err, 0x8004010E) || !strings.HasPrefix(err.Error(), method+":") {
			t.Errorf("%s fails: %v", method, err)
		}
		p.fail(method, 0)
	}
}

// TestHang: a provider that does not answer is ended, and it is said where it was.
func TestHang(t *testing.T) {
	p := useProvider(t, ownBits)
	p.makeProfile("Slow")
	uid := p.create("Slow", "CONTAB", "x")
	p.opts.HelperTime = 8 * time.Second // a program may need some of it to start
	p.fail("DeleteMsgService.wait", uint32((10 * time.Minute).Milliseconds()))
	err := p.DeleteService(t.Context(), "Slow", uid)
	if !errors.Is(err, errHelperHangs) || !strings.Contains(err.Error(), "DeleteMsgService was still running") {
		t.Errorf("a call that hangs: %v", err)
	}
	p.fail("DeleteMsgService.wait", 0)
	if list := p.services("Slow"); len(list) != 1 {
		t.Errorf("services after a call that was ended: %+v", list)
	}
}

// TestWithoutOutlook: what a computer without MAPI says, with what to look at.
func TestWithoutOutlook(t *testing.T) {
	p := useProvider(t, ownBits)
	for _, c := range []struct{ name, client, dll string }{
		{"no default client", "", wineWork(t, fmt.Sprintf("testmapi%d.dll", ownBits))},
		{"missing DLL", testProvider, `C:\nowhere\testmapi.dll`},
		{"DLL of the other bitness", testProvider, otherDLL(t)},
	} {
		if c.dll == "" {
			continue
		}
		setLocal(t, mailClients, "", c.client)
		setLocal(t, mailClients+`\`+testProvider, "DLLPathEx", c.dll)
		if err := p.CanMAPI(t.Context()); !hasCode(err, mapiNotInitialized) || !strings.Contains(err.Error(), "default mail client") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// otherDLL is the provider of the other width, "" where Wine has none.
func otherDLL(t *testing.T) string {
	t.Helper()
	if os.Getenv("OXTAIL_WINE_NO32") != "" {
		return ""
	}
	return wineWork(t, fmt.Sprintf("testmapi%d.dll", bits32+bits64-ownBits))
}

// TestNoHelper: without the program of the other bitness it is said what is missing.
func TestNoHelper(t *testing.T) {
	p := useProvider(t, bits32+bits64-ownBits)
	p.opts.Helpers = t.TempDir()
	want := fmt.Sprintf("oxtail-mapi%d.exe", bits32+bits64-ownBits)
	if err := p.CanMAPI(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("no helper: %v; want %s named", err, want)
	}
}

// TestCallbackAsInterface: an interface of MAPI made of a function in Go.
func TestCallbackAsInterface(t *testing.T) {
	var got []uintptr
	slot := syscall.NewCallback(func(this, a, b uintptr) uintptr {
		got = append(got, a, b)
		return mapiNotFound
	})
	o := &object{&[slots]uintptr{slotSetColumns: slot}}
	if r := o.call(slotSetColumns, 7, 9); uint32(r) != mapiNotFound || !slices.Equal(got, []uintptr{7, 9}) {
		t.Errorf("call gives 0x%08X with %v", r, got)
	}
}

// TestUIDs: the order of a UID's bytes is that of the registry.
func TestUIDs(t *testing.T) {
	const text = "0102030405060708090a0b0c0d0e0f10"
	u, err := parseUID(text)
	if err != nil || u.String() != text || hex.EncodeToString((*[16]byte)(unsafe.Pointer(&u))[:]) != text {
		t.Errorf("%s, %v; want %s", u, err, text)
	}
}

// hold keeps a file open in this process without letting others delete it.
func hold(t *testing.T, file string) (release func()) {
	t.Helper()
	name, err := windows.UTF16PtrFromString(file)
	if err != nil {
		t.Fatal(err)
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ, windows.FILE_SHARE_READ, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return func() { windows.CloseHandle(h) }
}
