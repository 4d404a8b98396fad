package doctor

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"oxtail/actions/checks"
	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
)

// take reads a text as a report or list, and fails if nobody takes it.
func take(t *testing.T, g *Gatherer, text string) {
	t.Helper()
	read := g.readerOf("report.txt", []byte(text[:min(len(text), headBytes)]))
	if read == nil {
		t.Fatalf("nobody reads %.60q", text)
	}
	if err := read("report.txt", []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func utf16le(text string) string {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return string(out)
}

func TestSystemInfo(t *testing.T) {
	for name, text := range map[string]string{
		"english": "\r\nHost Name:           PC01\r\nOS Name:             Microsoft Windows Server 2019 Standard\r\nOS Version:          10.0.17763 N/A Build 17763\r\n" +
			"System Type:         x64-based PC\r\nDomain:              example.com\r\nHotfix(s):           1 Hotfix(s) Installed.\r\n                     [01]: KB4486153\r\n",
		"german": "\r\nHostname:                      PC01\r\nBetriebssystemname:            Microsoft Windows Server 2019 Standard\r\nBetriebssystemversion:         10.0.17763 Nicht zutreffend Build 17763\r\n" +
			"Systemtyp:                     x64-based PC\r\nDom\xe4ne:                        example.com\r\nHotfix(es):                    1 Hotfix(e) installiert.\r\n                               [01]: KB4486153\r\n",
	} {
		g := New(Options{})
		take(t, g, text)
		s := g.facts.systems[0]
		if s.Computer.Name != "PC01" || s.Computer.Domain != "example.com" || s.Computer.Join != JoinDomain || !s.OS.Server || s.OS.Bits != 64 ||
			s.OS.Version != "10.0.17763" || !slices.Equal(s.OS.Updates, []string{"KB4486153"}) {
			t.Errorf("%s: %+v", name, s.System)
		}
	}
}

func TestMSInfo(t *testing.T) {
	g := New(Options{})
	take(t, g, utf16le("System Information report written at: 05/06/31 07:08:09\r\nSystem Name: PC01\r\n[System Summary]\r\n\r\nItem\tValue\t\r\nOS Name\tMicrosoft Windows 10 Pro\t\r\n"+
		"Version\t10.0.19045 Build 19045\t\r\nSystem Name\tPC01\t\r\nSystem Type\tx64-based PC\t\r\n\r\n[Drives]\r\n\r\nItem\tValue\t\r\nDrive\tC:\t\r\nFree Space\t12.30 GB (13,203,111,936 bytes)\t\r\n"+
		"[Services]\r\n\r\nDisplay Name\tName\tState\tStart Mode\tService Type\tPath\tError Control\tStart Name\tTag ID\r\n"+
		"XPhone Connect Server\tXPhoneServer\tRunning\tAuto\tOwn Process\tc:\\c4b\\x.exe\tNormal\tEXAMPLE\\svc\t0\r\n"+
		"[Running Tasks]\r\n\r\nName\tPath\tProcess ID\tPriority\tVersion\r\noutlook.exe\tc:\\o\\outlook.exe\t4242\t8\t16.0.1.2\r\n"))
	f := &g.facts
	if s := f.systems[0]; s.OS.Name != "Microsoft Windows 10 Pro" || s.OS.Version != "10.0.19045" || len(s.Disks) != 1 || s.Disks[0] != (Disk{Root: `C:\`, Free: 13203111936}) {
		t.Errorf("system %+v", s.System)
	}
	if len(f.services) != 1 || f.services[0].list.Services[0].Account != `EXAMPLE\svc` || !f.services[0].list.Complete {
		t.Errorf("services %+v", f.services)
	}
	if len(f.processes) != 1 || f.processes[0].list.Processes[0].PID != 4242 {
		t.Errorf("processes %+v", f.processes)
	}
	if o := f.observeService(checks.Probe{Name: "xphone", Field: "account"}); len(o.Values) != 1 || o.Values[0].Is != `EXAMPLE\svc` {
		t.Errorf("service %+v", o)
	}
}

func TestNFO(t *testing.T) {
	g := New(Options{})
	take(t, g, utf16le("<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<MsInfo>\r\n<Metadata><Version>8.0</Version></Metadata>\r\n<Category name=\"System Summary\">\r\n"+
		"<Data><Item><![CDATA[OS Name]]></Item><Value><![CDATA[Microsoft Windows 10 Pro]]></Value></Data>\r\n<Data><Item><![CDATA[Version]]></Item><Value><![CDATA[10.0.19045 Build 19045]]></Value></Data>\r\n"+
		"<Category name=\"Drives\"><Data><Item>Drive</Item><Value>C:</Value></Data><Data><Item>Free Space</Item><Value>12.30 GB (13,203,111,936 bytes)</Value></Data></Category>\r\n"+
		"<Category name=\"Services\"><Data><Display_Name><![CDATA[XPhone]]></Display_Name><Name><![CDATA[XPhoneServer]]></Name><State>Running</State><Start_Name><![CDATA[EXAMPLE\\svc]]></Start_Name></Data>"+
		"<Data><Display_Name>B</Display_Name><Name>b</Name><State>Stopped</State><Start_Name>LocalSystem</Start_Name></Data></Category>\r\n"+
		"<Category name=\"Running Tasks\"><Data><Name>outlook.exe</Name><Path>c:\\o\\outlook.exe</Path><Process_ID>4242</Process_ID></Data></Category>\r\n</Category></MsInfo>"))
	f := &g.facts
	if s := f.systems[0]; s.OS.Name != "Microsoft Windows 10 Pro" || s.OS.Version != "10.0.19045" || len(s.Disks) != 1 || s.Disks[0].Free != 13203111936 {
		t.Errorf("system %+v", s.System)
	}
	if len(f.services) != 1 || len(f.services[0].list.Services) != 2 || f.services[0].list.Services[0].Account != `EXAMPLE\svc` {
		t.Errorf("services %+v", f.services)
	}
	if len(f.processes) != 1 || len(f.processes[0].list.Processes) != 1 || f.processes[0].list.Processes[0].PID != 4242 {
		t.Errorf("processes %+v", f.processes)
	}
}

func TestTables(t *testing.T) {
	for name, text := range map[string]string{
		"powershell": "#TYPE Selected.System.Management.Automation.PSCustomObject\r\n\"DisplayName\",\"DisplayVersion\",\"Publisher\"\r\n\"A, B\",\"1.2.3\",\"X\"\r\n",
		"german":     "DisplayName;DisplayVersion;Publisher\r\n\"A, B\";1.2.3;X\r\n",
		"wmic":       utf16le("\r\nNode,Name,Version\r\nPC01,\"A, B\",1.2.3\r\n"),
		"tabs":       "Name\tVersion\tPublisher\nA, B\t1.2.3\tX\n",
	} {
		g := New(Options{})
		take(t, g, text)
		if len(g.facts.products) != 1 || g.facts.products[0].name != "A, B" || g.facts.products[0].version != "1.2.3" || !g.facts.hasList {
			t.Errorf("%s: %+v", name, g.facts.products)
		}
	}
	g := New(Options{})
	take(t, g, "\"FullName\",\"Length\",\"LastWriteTime\",\"FileVersion\"\n\"C:\\Windows\\System32\\mapi32.dll\",\"1234\",\"2031-05-06T07:08:09Z\",\"1.0.2536.0 (build)\"\n")
	if f := g.facts.files.named("MAPI32.DLL"); len(f) != 1 || f[0].Bytes != 1234 || f[0].Version != "1.0.2536.0" || f[0].Modified.IsZero() {
		t.Errorf("files %+v", f)
	}
	for _, log := range []string{
		"2031-05-06 07:08:09 INFO name, version, publisher of the store\n", "Name,Version\n", "a\n", "", "{\"schema\":\"other\"}", "id;name;version;x;y\n1;2;3;4;5\n",
	} {
		if read := New(Options{}).readerOf("a.log", []byte(log)); read != nil && log != "Name,Version\n" {
			t.Errorf("%q is taken for a report", log)
		}
	}
}

func TestDirListing(t *testing.T) {
	for name, text := range map[string]string{
		"english": " Volume in drive C has no label.\r\n\r\n Directory of C:\\Windows\\System32\r\n\r\n05/06/2031  07:08 AM    <DIR>          .\r\n05/06/2031  07:08 AM            12,345 some dll.dll\r\n               1 File(s)         12,345 bytes\r\n",
		"german":  " Volume in Laufwerk C: hat keine Bezeichnung.\r\n\r\n Verzeichnis von C:\\Windows\\System32\r\n\r\n06.05.2031  07:08    <DIR>          .\r\n06.05.2031  07:08            12.345 some dll.dll\r\n               1 Datei(en),         12.345 Bytes\r\n",
	} {
		g := New(Options{})
		take(t, g, text)
		x := g.facts.files
		if f, known := x.at(`c:\windows\system32\SOME DLL.dll`); !known || f == nil || f.Bytes != 12345 {
			t.Errorf("%s: %+v, %v", name, f, known)
		}
		if f, known := x.at(`C:\Windows\System32\other.dll`); !known || f != nil {
			t.Errorf("%s: a file that is not listed: %+v, known %v; want missing", name, f, known)
		}
		if _, known := x.at(`C:\Windows\other.dll`); known {
			t.Errorf("%s: a folder that is not listed is known", name)
		}
	}
}

func TestXML(t *testing.T) {
	const entry = `<add key="A" value="on"/>`
	for _, c := range []struct{ name, doc, want string }{
		{"found", `<c><add value="on" key="A" more="1"></add></c>`, entryFound},
		{"other value", `<c><add key="A" value="off"/></c>`, entryMissing},
		{"comment", `<c><!-- old: <add key="A" value="on" /> --></c>`, entryCommented},
		{"comment and real", `<c><!-- <add key="A" value="on"/> --><add key="A" value="on"/></c>`, entryFound},
		{"damaged behind it", `<c><add key="A" value="on"/><b`, entryFound},
		{"comment that is no XML", `<c><!-- a < b --></c>`, entryMissing},
	} {
		f := &Facts{Config: checks.Config{"atlas_entry": entry}, atlas: []document{{"atlas.xml", []byte(c.doc)}}}
		o := f.observeXML(checks.Probe{})
		if len(o.Values) != 1 || o.Values[0].Is != c.want {
			t.Errorf("%s: %+v; want %s", c.name, o, c.want)
		}
	}
	f := &Facts{atlas: []document{{"atlas.xml", []byte(`<c/>`)}}}
	if o := f.observeXML(checks.Probe{}); o.Covered || len(o.Values) != 0 || len(o.Settles) == 0 {
		t.Errorf("without a configured entry: %+v; want unknown", o)
	}
	f = &Facts{Config: checks.Config{"atlas_entry": entry}, atlas: []document{{"atlas.xml", []byte(`<c><b`)}}}
	if o := f.observeXML(checks.Probe{}); o.Covered {
		t.Errorf("a damaged file proves absence: %+v", o)
	}
}

// hive makes a whole hive of keys: paths with values.
func hive(values map[string]string) *keytest.Node {
	root := &keytest.Node{KeyName: "ROOT"}
	for path, text := range values {
		at := root
		elements := strings.Split(path, `\`)
		for _, e := range elements[:len(elements)-1] {
			i := slices.IndexFunc(at.Subs, func(n *keytest.Node) bool { return n.KeyName == e })
			if i < 0 {
				at.Subs = append(at.Subs, &keytest.Node{KeyName: e})
				i = len(at.Subs) - 1
			}
			at = at.Subs[i]
		}
		at.Vals = append(at.Vals, profile.Value{Name: elements[len(elements)-1], Type: profile.TypeString, Data: keytest.UTF16(text)})
	}
	return root
}

// TestHives: whole hives stand where they belong, the current control set is the
// selected one, and what they do not have is absent.
func TestHives(t *testing.T) {
	system := hive(map[string]string{
		`ControlSet001\Services\Tcpip\Parameters\Domain`: "old.example.com", `ControlSet003\Services\Tcpip\Parameters\Domain`: "example.com",
	})
	system.Subs = append(system.Subs, &keytest.Node{KeyName: "Select", Vals: []profile.Value{{Name: "Current", Type: profile.TypeDword, Data: []byte{3, 0, 0, 0}}}})
	software := hive(map[string]string{`Clients\Mail\`: "ExchangeMAPI", `Microsoft\Windows\CurrentVersion\x`: "1", `Classes\x`: "1", `WOW6432Node\Microsoft\x`: "1"})
	f := &Facts{files: newFileIndex()}
	for name, root := range map[string]*keytest.Node{"SYSTEM": system, "SOFTWARE": software} {
		if err := f.registry.addTree(name, root, true, false); err != nil {
			t.Fatal(err)
		}
	}
	f.registry.settle()
	if o := f.observeDomain(); len(o.Values) != 1 || o.Values[0].Is != "example.com" {
		t.Errorf("domain %+v", o)
	}
	o := f.observeRegistry(checks.Probe{Key: `HKLM\SOFTWARE\Clients\Mail`, HasValue: true, View: "both", Shared: true})
	if len(o.Values) != 1 || !o.Covered || len(o.Remarks) != 1 {
		t.Errorf("mail client of both views %+v; want one value and a remark that both views show it", o)
	}
	if o := f.observeUninstall(checks.Probe{Name: "XPhone"}); !o.Covered || len(o.Values) != 0 {
		t.Errorf("programs %+v; want none, covered", o)
	}
	if o := f.observeRegistry(checks.Probe{Key: `HKCU\Software\x`, HasValue: true}); o.Covered {
		t.Errorf("a user's key is covered by hives of the computer: %+v", o)
	}
}

// TestNoCurrentSet: a hive that does not say which control set is the current one proves
// nothing about it.
func TestNoCurrentSet(t *testing.T) {
	f := &Facts{files: newFileIndex()}
	system := hive(map[string]string{`ControlSet001\Control\x`: "1", `ControlSet002\Control\x`: "1"})
	if err := f.registry.addTree("SYSTEM", system, true, false); err != nil {
		t.Fatal(err)
	}
	if o := f.observeRegistry(checks.Probe{Key: `HKLM\SYSTEM\CurrentControlSet\Control\Lsa`, Value: "x", HasValue: true}); o.Covered || len(o.Values) > 0 {
		t.Errorf("%+v; want nothing, not covered", o)
	}
}

// TestStoreLimits: sizes are held against the limits of the registry, the policy first.
func TestStoreLimits(t *testing.T) {
	f := &Facts{files: newFileIndex()}
	root := &keytest.Node{KeyName: "ROOT", Subs: []*keytest.Node{{KeyName: "Software", Subs: []*keytest.Node{{KeyName: "Microsoft", Subs: []*keytest.Node{{KeyName: "Office", Subs: []*keytest.Node{{KeyName: "16.0", Subs: []*keytest.Node{
		{KeyName: "Outlook", Subs: []*keytest.Node{{KeyName: "PST", Vals: []profile.Value{
			{Name: "WarnLargeFileSize", Type: profile.TypeDword, Data: []byte{1, 0, 0, 0}}, {Name: "MaxLargeFileSize", Type: profile.TypeDword, Data: []byte{2, 0, 0, 0}},
		}}}},
	}}}}}}}}}}
	if err := f.registry.addTree("NTUSER.DAT", root, true, false); err != nil {
		t.Fatal(err)
	}
	if l := f.limitsOf("unicode"); l.WarnBytes != 1<<20 || l.MaxBytes != 2<<20 || !strings.Contains(l.Source, "PST") {
		t.Errorf("limits %+v", l)
	}
}

func TestPlaceOf(t *testing.T) {
	f := &Facts{files: newFileIndex(), systems: []sourcedSystem{{"s", System{Disks: []Disk{{Root: `H:\`, Kind: DiskNetwork}}}}}}
	f.files.addFolder(ListedPath{Path: `D:\linked`, Reparse: `E:\x`})
	for path, want := range map[string]string{
		`C:\Users\anna\AppData\Local\Microsoft\Outlook\a.ost`:                                     placeDefault,
		`%LOCALAPPDATA%\Microsoft\Outlook\a.ost`:                                                  placeDefault,
		`C:\Dokumente und Einstellungen\anna\Lokale Einstellungen\Anwendungsdaten\OXSTORE2\a.odb`: placeDefault,
		`D:\mail\a.ost`:                            placeLocal,
		`\\server\share\a.ost`:                     placeNetwork,
		`H:\a.ost`:                                 placeNetwork,
		`C:\Users\anna\AppData\Roaming\x\a.ost`:    placeRoaming,
		`C:\Users\anna\OneDrive - Example\x\a.pst`: placeCloud,
		`D:\linked\a.ost`:                          placeReparse,
		`\\?\C:\Users\anna\AppData\Local\x\a.ost`:  placeDefault,
	} {
		if got, _ := f.placeOf(path); got != want {
			t.Errorf("%s is %s; want %s", path, got, want)
		}
	}
}

func TestRunsOf(t *testing.T) {
	data := append([]byte{1, 0, 0, 0, 0x30, 0, 0, 0}, keytest.UTF16(`C:\addin.dll`)...)
	if got := runsOf(data); got != `C:\addin.dll` {
		t.Errorf("runs %q", got)
	}
	if got := runsOf([]byte{1, 2, 3, 4}); got != "" {
		t.Errorf("runs %q in numbers", got)
	}
}

func FuzzReaders(f *testing.F) {
	f.Add([]byte("Host Name: a\nOS Name: b\n"))
	f.Add([]byte("[System Summary]\nItem\tValue\n[Services]\nName\tPath\nx\ty\n"))
	f.Add([]byte(" Volume\n Directory of C:\\x\n05/06/2031  07:08 AM  1 a\n 1 File(s)\n"))
	f.Add([]byte("<MsInfo><Category name=\"Services\"><Data><Name>a</Name><State>b</State></Data></Category></MsInfo>"))
	f.Add([]byte("DisplayName,DisplayVersion\n\"a\nb\",1\n"))
	f.Add([]byte(`{"schema":"oxtail.filelist/v1","files":[{"path":"C:\\a"}]}`))
	set, err := checks.Default()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		g := New(Options{})
		if read := g.readerOf("x", data[:min(len(data), headBytes)]); read != nil {
			_ = read("x", data) // an error is fine; it must end
		}
		facts, _ := g.Finish(Scanned{})
		set.Run(facts, checks.Input{Role: checks.OutlookClient})
	})
}
