package bundle

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"oxtail/parser/evtx"
	"oxtail/parser/hive"
	"oxtail/parser/profile"
	"oxtail/parser/regfile"
)

// This file turns what cannot be redacted as it is into text: hives into exports of the
// keys that matter, event logs into XML, rotated logs into what they were.

// archive takes a rotated log out of its gzip. Other archives are left out: what is in
// them could not be told apart and redacted.
func (s *survey) archive(t *tree, f found, head []byte) {
	if !bytes.HasPrefix(head, []byte{0x1f, 0x8b}) || strings.HasSuffix(strings.ToLower(f.rel), ".tgz") || strings.HasSuffix(strings.ToLower(f.rel), ".tar.gz") {
		s.skip(t, f, "is an archive: unpack it, and give its folder", true)
		return
	}
	if !s.opts.Since.IsZero() && f.modified.Before(s.opts.Since) {
		s.skip(t, f, "was last changed before --since", false)
		return
	}
	it := &item{folder: "logs", kind: kindLog, priority: prioOutlook, note: "unpacked"}
	it.open = func() (io.ReadCloser, error) { return t.unpacked(f, s.opts.MaxBytes) }
	s.add(t, f, it)
	it.name = strings.TrimSuffix(strings.TrimSuffix(it.name, ".gz"), ".GZ")
}

// unpacked opens a compressed log, up to a limit.
func (t *tree) unpacked(f found, most int64) (io.ReadCloser, error) {
	in, err := t.part(f.rel, 0, f.size)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		in.Close() // the error that matters is the one before
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{&limited{z, most}, in}, nil
}

// limited is a reader that fails at a limit, instead of ending as if all were read.
type limited struct {
	r    io.Reader
	left int64
}

var errTooLarge = errors.New("unpacks to more than the size budget")

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLarge
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

// userPlaces are the keys of a user that matter.
func userPlaces() []string {
	return []string{
		`Software\Microsoft\Windows NT\CurrentVersion\Windows Messaging Subsystem`, `Software\Microsoft\Windows Messaging Subsystem`,
		`Software\Microsoft\Office\11.0\Outlook`, `Software\Microsoft\Office\12.0\Outlook`, `Software\Microsoft\Office\14.0\Outlook`, `Software\Microsoft\Office\15.0\Outlook`, `Software\Microsoft\Office\16.0\Outlook`,
		`Software\Microsoft\Office\15.0\MAPI`, `Software\Microsoft\Office\16.0\MAPI`, `Software\Policies\Microsoft\Office`, `Software\Microsoft\Exchange`, `Software\Clients\Mail`,
		`Software\Microsoft\Windows\CurrentVersion\Internet Settings`, `Software\Open-Xchange`, `Software\C4B`,
	}
}

// softwarePlaces and systemPlaces are the keys of the computer that matter.
func softwarePlaces() []string {
	return []string{
		`Clients\Mail`, `WOW6432Node\Clients\Mail`, `Microsoft\Windows Messaging Subsystem`, `WOW6432Node\Microsoft\Windows Messaging Subsystem`,
		`Microsoft\Windows\CurrentVersion\Uninstall`, `WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall`, `Microsoft\Office\ClickToRun\Configuration`,
		`Microsoft\Windows\CurrentVersion\App Paths\OUTLOOK.EXE`, `Microsoft\Windows NT\CurrentVersion\Image File Execution Options\OUTLOOK.EXE`, `Policies\Microsoft\Office`,
		`Microsoft\Exchange`, `Open-Xchange`, `C4B`, `WOW6432Node\C4B`,
	}
}

func systemPlaces() []string {
	var out []string
	for _, set := range []string{"ControlSet001", "ControlSet002"} {
		for _, p := range []string{`Services\Tcpip\Parameters`, `Services\WSearch`, `Control\SecurityProviders\SCHANNEL\Protocols`, `Control\ComputerName`} {
			out = append(out, set+`\`+p)
		}
	}
	return append(out, `Select`)
}

// hive exports the places of a hive that matter.
func (s *survey) hive(t *tree, f found, base string) {
	if strings.Contains(base, ".log") || strings.HasSuffix(base, ".blf") {
		return // its hive reads it
	}
	root, wanted := "HKEY_CURRENT_USER", userPlaces()
	switch {
	case strings.HasPrefix(base, "software"):
		root, wanted = `HKEY_LOCAL_MACHINE\SOFTWARE`, softwarePlaces()
	case strings.HasPrefix(base, "system"):
		root, wanted = `HKEY_LOCAL_MACHINE\SYSTEM`, systemPlaces()
	}
	if f.size > maxHiveBytes {
		s.skip(t, f, fmt.Sprintf("is a hive of more than %d MB; export the keys that matter with the registry editor", maxHiveBytes>>20), true)
		return
	}
	h, err := t.hive(f)
	if err != nil {
		s.skip(t, f, "read the hive: "+err.Error(), true)
		return
	}
	for _, place := range wanted {
		key, _ := profile.Find(h.Root(), place)
		if key == nil {
			continue
		}
		it := &item{folder: "registry", kind: kindRegistry, priority: prioRegistry, note: "exported from a hive"}
		it.open = func() (io.ReadCloser, error) { return t.export(f, root, place) }
		s.add(t, f, it)
		it.name += "/" + safePath(strings.NewReplacer(`\`, "-", " ", "").Replace(place)) + ".reg"
	}
}

// hive reads a hive and the logs beside it.
func (t *tree) hive(f found) (*hive.Hive, error) {
	if t.hiveName == f.rel {
		return t.lastHive, nil
	}
	t.hiveName, t.lastHive = "", nil
	data, err := t.all(f.rel)
	if err != nil {
		return nil, err
	}
	var logs [][]byte
	entries, _ := t.list(path.Dir(f.rel)) // without logs the hive is what it is
	for _, e := range entries {
		name := strings.ToLower(e.Name())
		if strings.HasPrefix(name, strings.ToLower(path.Base(f.rel))+".log") {
			if log, err := t.all(path.Join(path.Dir(f.rel), e.Name())); err == nil {
				logs = append(logs, log)
			}
		}
	}
	h, err := hive.Open(data, logs...)
	if err != nil {
		return nil, err
	}
	t.hiveName, t.lastHive = f.rel, h
	return h, nil
}

func (t *tree) all(rel string) ([]byte, error) {
	in, err := t.open(rel)
	if err != nil {
		return nil, err
	}
	defer in.Close() // read only: nothing is lost when closing fails
	data, err := io.ReadAll(io.LimitReader(in, maxHiveBytes+1))
	if err == nil && len(data) > maxHiveBytes {
		err = fmt.Errorf("is larger than %d MB", maxHiveBytes>>20)
	}
	return data, err
}

// export writes one place of a hive.
func (t *tree) export(f found, root, place string) (io.ReadCloser, error) {
	h, err := t.hive(f)
	if err != nil {
		return nil, err
	}
	key, err := profile.Find(h.Root(), place)
	if key == nil {
		return nil, errors.Join(errors.New("the key is gone"), err)
	}
	return exported(root+`\`+place, key)
}

// exported writes a key as a .reg file.
func exported(name string, key profile.Key) (io.ReadCloser, error) {
	var out bytes.Buffer
	if err := regfile.Write(&out, name, key); err != nil {
		return nil, err
	}
	return io.NopCloser(&out), nil
}

// events takes an event log as XML, as "wevtutil qe /f:xml" writes it.
func (s *survey) events(t *tree, f found) {
	it := &item{folder: "events", kind: kindEvents, priority: prioEvents, note: "converted to XML; events of Outlook and its relatives"}
	it.open = func() (io.ReadCloser, error) { return t.eventText(f, s.opts.Since) }
	s.add(t, f, it)
	it.name = strings.TrimSuffix(it.name, path.Ext(it.name)) + ".xml"
}

// eventText renders the events of a log that concern mail. Damage of the log ends the
// text; what was readable is there.
func (t *tree) eventText(f found, since time.Time) (io.ReadCloser, error) {
	in, err := t.open(f.rel)
	if err != nil {
		return nil, err
	}
	log, err := evtx.Open(in, f.size)
	if err != nil {
		in.Close() // the error that matters is the one before
		return nil, err
	}
	text := evtx.NewText(log, func(e *evtx.Event) bool {
		return (since.IsZero() || e.Time.IsZero() || !e.Time.Before(since)) && concernsMail(e.XML)
	})
	return struct {
		io.Reader
		io.Closer
	}{text, in}, nil
}

// mailSources are providers of events that concern mail, and programs named in events
// of crashes and hangs.
func mailSources() []string {
	return []string{"outlook", "microsoft office", "msexchange", "oxtender", "open-xchange", "oxstor", "xphone", "mapi", "oalerts", "searchprotocolhost", "esent"}
}

func concernsMail(xml []byte) bool {
	lower := bytes.ToLower(xml)
	for _, w := range mailSources() {
		if bytes.Contains(lower, []byte(w)) {
			return true
		}
	}
	return false
}
