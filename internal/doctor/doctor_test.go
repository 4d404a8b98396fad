package doctor_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oxtail/actions"
	"oxtail/actions/checks"
	"oxtail/detectors"
	"oxtail/internal/doctor"
	"oxtail/internal/evidence"
	"oxtail/internal/pipeline"
	"oxtail/internal/source"
	"oxtail/parser/formats"
	"oxtail/parser/outlook"
)

// gather reads paths as oxtail doctor does.
func gather(t testing.TB, paths ...string) (*doctor.Facts, *pipeline.Result, []doctor.Fault) {
	t.Helper()
	rules, err := detectors.Default()
	if err != nil {
		t.Fatal(err)
	}
	set, err := formats.Default(outlook.Formats()...)
	if err != nil {
		t.Fatal(err)
	}
	doc := doctor.New(doctor.Options{Servers: true})
	ev := evidence.New(evidence.Options{Tree: doc.Tree})
	res, err := pipeline.Scan(context.Background(), paths, pipeline.Options{
		Rules: rules, Formats: set.Formats(),
		Visit: func(st *source.Stream) error {
			if err := doc.Add(st); err != nil {
				return err
			}
			return ev.Add(st)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	inv, _ := ev.Finish()
	facts, faults := doc.Finish(doctor.Scanned{Inventory: inv, Caches: ev.Caches(), Result: res})
	return facts, res, faults
}

// run judges the checks of some paths and gives the results by id.
func run(t testing.TB, in checks.Input, paths ...string) map[string]checks.Result {
	t.Helper()
	facts, _, faults := gather(t, paths...)
	for _, f := range faults {
		t.Errorf("fault: %s", f.Text)
	}
	set, err := checks.Default()
	if err != nil {
		t.Fatal(err)
	}
	facts.Config = in.Config
	if in.Role == "" {
		in.Role, _ = facts.Role()
	}
	out := map[string]checks.Result{}
	for _, r := range set.Run(facts, in) {
		out[r.ID] = r
	}
	return out
}

// expected is a file of expected results.
type expected struct {
	Config  checks.Config          `json:"config"`
	Role    checks.Role            `json:"role"`
	Results map[string]checks.Word `json:"results"`
	Others  string                 `json:"others_of_ENV001_to_ENV052"`
}

func readExpected(t *testing.T, path string) expected {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("the sample is not at hand: %v", err)
	}
	var e expected
	if err := json.Unmarshal(data, &e); err != nil || len(e.Results) == 0 {
		t.Fatalf("%s: %d results, %v", path, len(e.Results), err)
	}
	return e
}

// compare holds results against the expected ones.
func compare(t *testing.T, got map[string]checks.Result, want expected) {
	t.Helper()
	for id, word := range want.Results {
		if r := got[id]; r.Result != word {
			t.Errorf("%s is %s (%v %v); want %s", id, r.Result, r.Why, r.Evidence, word)
		}
	}
	if want.Others == "" {
		return
	}
	for id, r := range got {
		if _, listed := want.Results[id]; !listed && id <= "ENV052" && (r.Result == checks.Pass || r.Result == checks.Fail || r.Result == checks.Warn) {
			t.Errorf("%s is %s (%v) although the extract does not settle it", id, r.Result, r.Evidence)
		}
	}
}

const samples = "../../samples/environment/"

// TestServers holds the servers of our samples against the expected results.
func TestServers(t *testing.T) {
	for _, name := range []string{"server-good", "server-bad"} {
		want := readExpected(t, samples+name+".expected.json")
		got := run(t, checks.Input{Config: want.Config}, samples+name)
		compare(t, got, want)
		if got["ENV001"].Role != want.Role {
			t.Errorf("%s: role %s; want %s", name, got["ENV001"].Role, want.Role)
		}
	}
}

// TestExtracts holds the extracts that were handed over, with the profiles that stand
// beside them, against the expected results.
func TestExtracts(t *testing.T) {
	for _, dir := range []string{"../../samples/profiles/", "../../../shared/samples/profiles/"} {
		for _, name := range []string{"synthetic_env_server_good", "synthetic_env_server_bad"} {
			want := readExpected(t, dir+name+".expected.json")
			compare(t, run(t, checks.Input{Config: want.Config}, dir+name+".reg"), want)
		}
	}
}

// TestArchives: the same evidence in archives gives the same results.
func TestArchives(t *testing.T) {
	want := readExpected(t, samples+"server-bad.expected.json")
	dir := t.TempDir()
	var zipped, tarred bytes.Buffer
	z, gz := zip.NewWriter(&zipped), gzip.NewWriter(&tarred)
	tw := tar.NewWriter(gz)
	err := filepath.WalkDir(samples+"server-bad", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, filepath.Clean(samples)))
		w, err := z.Create(name)
		if err != nil {
			return err
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
		if err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o666, Size: int64(len(data))}); err != nil {
			return err
		}
		_, err = tw.Write(data)
		return err
	})
	for _, e := range []error{err, z.Close(), tw.Close(), gz.Close()} {
		if e != nil {
			t.Fatal(e)
		}
	}
	for name, data := range map[string][]byte{"a.zip": zipped.Bytes(), "a.tar.gz": tarred.Bytes()} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		compare(t, run(t, checks.Input{Config: want.Config}, path), want)
	}
}

// TestClient holds the offline twin of a computer with Outlook against what is wrong on it.
func TestClient(t *testing.T) {
	got := run(t, checks.Input{}, samples+"client", "../../samples/profiles/synthetic_ol16_exchange_cached.reg")
	for id, want := range map[string]checks.Word{
		"ENV001": checks.NotApplicable, "ENV102": checks.Pass, "ENV104": checks.Pass, "ENV109": checks.Warn, "ENV110": checks.Pass,
		"ENV113": checks.Fail, "ENV206": checks.Fail, "ENV207": checks.Fail, "ENV208": checks.Pass, "ENV209": checks.Fail, "ENV211": checks.Fail,
		"ENV213": checks.Warn, "ENV214": checks.Pass, "ENV216": checks.Warn, "ENV301": checks.Pass, "ENV303": checks.Pass, "ENV315": checks.Pass,
		"ENV205": checks.Unknown, "ENV901": checks.Pass, "ENV106": checks.NeedsPerson,
	} {
		if r := got[id]; r.Result != want {
			t.Errorf("%s is %s (%v); want %s", id, r.Result, r.Why, want)
		}
	}
	for id, r := range got {
		switch {
		case r.Result == checks.Unknown && len(r.Settles)+len(r.Why) == 0:
			t.Errorf("%s is unknown and does not say what would settle it", id)
		case r.Result == checks.NotApplicable && len(r.Why) == 0:
			t.Errorf("%s is n/a and does not say why", id)
		case r.Result == checks.NeedsPerson && len(r.Questions) == 0:
			t.Errorf("%s needs a person and asks nothing", id)
		}
	}
}

// TestNothingPassesWithoutEvidence: a text that says nothing settles no check but those
// about logs.
func TestNothingPassesWithoutEvidence(t *testing.T) {
	path := filepath.Join(t.TempDir(), "empty.reg")
	if err := os.WriteFile(path, []byte("REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Other]\r\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, role := range checks.Roles() {
		for id, r := range run(t, checks.Input{Role: role}, path) {
			if r.Result == checks.Pass || r.Result == checks.Fail || r.Result == checks.Warn {
				t.Errorf("%s, %s: %s (%v) without evidence", role, id, r.Result, r.Evidence)
			}
		}
	}
}

// reg writes an export of lines and gives its path.
func reg(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.reg")
	if err := os.WriteFile(path, []byte("Windows Registry Editor Version 5.00\r\n\r\n"+strings.Join(lines, "\r\n")+"\r\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestCoverage: what is not there fails or passes only where the export covers it.
func TestCoverage(t *testing.T) {
	const hklm, soft = `HKEY_LOCAL_MACHINE`, `HKEY_LOCAL_MACHINE\SOFTWARE`
	for _, c := range []struct {
		name, id string
		want     checks.Word
		lines    []string
	}{
		{"value not set, key listed", "ENV024", checks.Pass, []string{`[` + hklm + `\SYSTEM\CurrentControlSet\Control\Lsa]`}},
		{"value not set, key above listed", "ENV024", checks.Pass, []string{`[` + hklm + `\SYSTEM\CurrentControlSet\Control]`}},
		{"key only leads to another", "ENV024", checks.Unknown, []string{`[` + hklm + `\SYSTEM\CurrentControlSet\Control\Lsa\Kerberos]`}},
		{"level 2", "ENV024", checks.Fail, []string{`[` + hklm + `\SYSTEM\ControlSet001\Control\Lsa]`, `"lmcompatibilitylevel"=dword:00000002`}},
		{"misspelt alone", "ENV024", checks.Pass, []string{`[` + hklm + `\SYSTEM\CurrentControlSet\Control\Lsa]`, `"LMCompatabilityLevel"=dword:00000001`}},
		{"two control sets, none selected", "ENV024", checks.Unknown, []string{`[` + hklm + `\SYSTEM\ControlSet001\Control\Lsa]`, `[` + hklm + `\SYSTEM\ControlSet002\Control\Lsa]`}},
		{"selected control set", "ENV024", checks.Fail, []string{`[` + hklm + `\SYSTEM\Select]`, `"Current"=dword:00000002`, `[` + hklm + `\SYSTEM\ControlSet001\Control\Lsa]`,
			`[` + hklm + `\SYSTEM\ControlSet002\Control\Lsa]`, `"LmCompatibilityLevel"=dword:00000000`}},
		{"one view of the mail client", "ENV005", checks.Unknown, []string{`[` + soft + `\Clients\Mail]`, `@="ExchangeMAPI"`}},
		{"one view, wrong", "ENV005", checks.Fail, []string{`[` + soft + `\Clients\Mail]`, `@="Microsoft Outlook"`}},
		{"views differ", "ENV005", checks.Fail, []string{`[` + soft + `\Clients\Mail]`, `@="ExchangeMAPI"`, `[` + soft + `\WOW6432Node\Clients\Mail]`, `@="Other"`}},
		{"32-bit Windows", "ENV005", checks.Pass, []string{`[` + soft + `]`, `[` + soft + `\Clients\Mail]`, `@="exchangemapi"`, `[` + soft + `\Clients\Mail\ExchangeMAPI]`, `"DLLPathEx"="x.dll"`}},
		{"no MAPI/CDO", "ENV003", checks.Fail, []string{`[` + soft + `\Microsoft]`, `[` + soft + `\WOW6432Node\Microsoft]`}},
		{"programs not listed", "ENV003", checks.Unknown, []string{`[` + soft + `\Clients\Mail]`}},
		{"leftover keys", "ENV004", checks.Warn, []string{`[` + soft + `\Microsoft]`, `[` + soft + `\WOW6432Node\Microsoft]`, `[` + soft + `\Microsoft\Office\15.0\Outlook]`, `"Bitness"="x86"`}},
		{"Office without Outlook", "ENV004", checks.Pass, []string{`[` + soft + `\Microsoft]`, `[` + soft + `\WOW6432Node\Microsoft]`,
			`[` + soft + `\Microsoft\Windows\CurrentVersion\Uninstall\V]`, `"DisplayName"="Microsoft Visio Viewer 2016"`}},
		{"workgroup", "ENV009", checks.Fail, []string{`[` + hklm + `\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters]`, `"Domain"=""`}},
		{"UPN", "ENV008", checks.Pass, []string{`[` + hklm + `\SYSTEM\CurrentControlSet\Services\XPhone]`, `"ObjectName"="svc@example.com"`}},
		{"local account", "ENV008", checks.Fail, []string{`[` + hklm + `\SYSTEM\CurrentControlSet\Services\XPhone]`, `"ObjectName"=".\\svc"`}},
		{"other domain", "ENV008", checks.Fail, []string{`[` + hklm + `\SYSTEM\CurrentControlSet\Services\XPhone]`, `"ObjectName"="OTHER\\svc"`}},
		{"a driver", "ENV010", checks.Unknown, []string{`[` + hklm + `\SYSTEM\CurrentControlSet\Services\XPhoneDrv]`, `"ImagePath"="x.sys"`, `"Type"=dword:00000001`}},
		{"a line is damaged", "ENV024", checks.Unknown, []string{`[` + hklm + `\SYSTEM\CurrentControlSet\Control\Lsa]`, `"Kerb`}},
		{"a line is damaged, the value is there", "ENV024", checks.Fail, []string{`[` + hklm + `\SYSTEM\CurrentControlSet\Control\Lsa]`, `"LmCompatibilityLevel"=dword:1`, `rubbish`}},
		{"redacted names", "ENV005", checks.Unknown, []string{`[` + soft + `\Clients\Mail]`, `@="host-1"`, `[` + soft + `\Clients\Mail\host-1]`, `"DLLPathEx"="x.dll"`, `[` + soft + `\WOW6432Node\Clients\Mail]`, `@="host-1"`,
			`[` + soft + `\WOW6432Node\Clients\Mail\host-1]`, `"DLLPathEx"="x.dll"`}},
		{"deleted key", "ENV010", checks.Unknown, []string{`[-` + hklm + `\SYSTEM\CurrentControlSet\Services\XPhone]`}},
	} {
		in := checks.Input{Role: checks.XPhoneServer, Config: checks.Config{"exchange_domain": "example.com", "exchange_domain_netbios": "EXAMPLE"}}
		if r := run(t, in, reg(t, c.lines...))[c.id]; r.Result != c.want {
			t.Errorf("%s: %s is %s (%v, %v); want %s", c.name, c.id, r.Result, r.Why, r.Evidence, c.want)
		}
	}
}

// TestSupportFiles: files are missing only where their folder is there, and Office was
// not repaired only where a file was renamed.
func TestSupportFiles(t *testing.T) {
	const folder = `C:\\Program Files\\Common Files\\System\\MSMAPI\\1033`
	outlook := reg(t, `[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Office\16.0\Outlook]`, `"Bitness"="x64"`)
	for _, c := range []struct {
		name, missing string
		files         []string
		want          map[string]checks.Word
	}{
		{"no folder", `,"missing":true`, nil, map[string]checks.Word{"ENV113": checks.Unknown, "ENV114": checks.Unknown}},
		{"whole", "", []string{"emsabp32.dll", "emsmdb32.dll", "emsui32.dll"}, map[string]checks.Word{"ENV113": checks.Pass, "ENV114": checks.NotApplicable}},
		{"one is gone", "", []string{"emsabp32.dll", "emsmdb32.dll"}, map[string]checks.Word{"ENV113": checks.Fail, "ENV114": checks.NotApplicable}},
		{"renamed", "", []string{"emsabp32.dll", "emsmdb32.dll", "emsui32.dll.old"}, map[string]checks.Word{"ENV113": checks.Fail, "ENV114": checks.Fail}},
		{"repaired", "", []string{"emsabp32.dll", "emsmdb32.dll", "emsui32.dll", "emsui32.old"}, map[string]checks.Word{"ENV113": checks.Pass, "ENV114": checks.Pass}},
	} {
		list := `{"schema":"oxtail.filelist/v1","folders":[{"path":"` + folder + `","complete":true` + c.missing + `}],"files":[`
		for i, name := range c.files {
			if i > 0 {
				list += ","
			}
			list += `{"path":"` + folder + `\\` + name + `","bytes":1}`
		}
		path := filepath.Join(t.TempDir(), "filelist.json")
		if err := os.WriteFile(path, []byte(list+"]}"), 0o666); err != nil {
			t.Fatal(err)
		}
		got := run(t, checks.Input{Role: checks.OutlookClient}, outlook, path)
		for id, want := range c.want {
			if r := got[id]; r.Result != want {
				t.Errorf("%s: %s is %s (%v, %v); want %s", c.name, id, r.Result, r.Why, r.Evidence, want)
			}
		}
	}
}

// TestLogCoverage: only logs prove that something is not in the logs, and only those of
// the event log that it is not in there.
func TestLogCoverage(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       map[string]checks.Word
	}{
		{"readme.txt", "What is in this folder\n", map[string]checks.Word{"ENV007": checks.Unknown}},
		{"a.log", "2031-05-06 07:08:09 INFO all is well\n", map[string]checks.Word{"ENV007": checks.Pass}},
		{"systeminfo.txt", "Host Name: a\nOS Name: Windows\nSystem Boot Time: 2031-05-06, 07:08:09\n", map[string]checks.Word{"ENV007": checks.Unknown}},
		{"b.log", "2031-05-06 07:08:09 INFO all is well\n", map[string]checks.Word{"ENV210": checks.NeedsPerson, "ENV314": checks.Unknown, "ENV317": checks.Unknown}},
	} {
		path := filepath.Join(t.TempDir(), c.name)
		if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		for id, want := range c.want {
			role := checks.XPhoneServer
			if id >= "ENV100" {
				role = checks.OutlookClient
			}
			if r := run(t, checks.Input{Role: role}, path)[id]; r.Result != want {
				t.Errorf("%s: %s is %s; want %s", c.name, id, r.Result, want)
			}
		}
	}
}

// TestExplain: a case with MAPI_E_FAILONEPROVIDER names the failed checks that explain
// it first, the cheapest test first.
func TestExplain(t *testing.T) {
	facts, res, _ := gather(t, samples+"server-bad")
	cases := actions.Cases(res.Findings, &actions.Inventory{})
	if len(cases) != 1 {
		t.Fatalf("%d cases; want 1", len(cases))
	}
	before := slices.Clone(cases[0].Because)
	if err := doctor.ExplainBy(facts, cases, res.Findings); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, why := range cases[0].Because[:len(cases[0].Because)-len(before)] {
		id, _, _ := strings.Cut(why, " ")
		ids = append(ids, id)
	}
	if want := []string{"ENV004", "ENV005", "ENV008", "ENV010", "ENV003", "ENV022"}; !slices.Equal(ids, want) {
		t.Errorf("explained by %v; want %v", ids, want)
	}
	if !strings.HasPrefix(cases[0].Next[0], "ENV004: Remove Outlook") {
		t.Errorf("next %q", cases[0].Next)
	}
	other := actions.Cases([]detectors.Finding{{ID: "f1", Rule: "quota-exceeded", Verdict: detectors.Server}}, &actions.Inventory{})
	if err := doctor.ExplainBy(facts, other, nil); err != nil || len(other) > 0 && strings.HasPrefix(strings.Join(other[0].Because, ""), "ENV") {
		t.Errorf("another fault is explained: %+v, %v", other, err)
	}
}

// TestManyFiles: a list of more files than are kept is told, and does not hang.
func TestManyFiles(t *testing.T) {
	list := doctor.FileList{Schema: doctor.FileListSchema}
	for i := range 200_000 {
		list.Files = append(list.Files, doctor.ListedFile{Path: fmt.Sprintf(`C:\data\%d\file%d.txt`, i%1000, i)})
	}
	data, err := json.Marshal(&list)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		"files.json": data, "cut.json": data[:len(data)/2], "bad.json": []byte(`{"schema":"oxtail.system/v1","os":[1]}`),
		"services.json": []byte(`{"schema":"oxtail.services/v1","services":null}`), "MapiSvc.inf": {0, 1, 2, 3},
		"programs.csv": []byte("\"DisplayName\",\"DisplayVersion\",\"Publisher\"\n\"a\"b\",\"1\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	_, _, faults := gather(t, dir)
	told := map[string]bool{}
	for _, f := range faults {
		told[filepath.Base(f.Path)] = true
	}
	if !told["cut.json"] || !told["bad.json"] || told["files.json"] {
		t.Errorf("faults %v; want cut.json and bad.json", faults)
	}
}
