//go:build unix

package source_test

import (
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"oxtail/internal/source"
)

func TestLinksOnDisk(t *testing.T) {
	outside := tree(t, map[string]string{"secret.txt": "outside\n"})
	root := tree(t, map[string]string{"logs/a.log": "a\n", "logs/b.txt": "b\n"})
	for link, target := range map[string]string{
		"/logs/latest.log":  "a.log",                 // inside: read under its own name
		"/logs/out.log":     outside + "/secret.txt", // outside
		"/logs/outdir":      outside,                 // a folder outside
		"/logs/loop":        "..",                    // a loop
		"/logs/self":        "self",                  // a loop without a folder
		"/logs/dangling":    "nowhere",
		"/logs/renamed.log": "b.txt",
		"/named.log":        outside + "/secret.txt",
	} {
		if err := os.Symlink(target, root+link); err != nil {
			t.Fatal(err)
		}
	}
	got, skipped := read(t, source.Options{}, root+"/logs")
	want(t, root, got, nil, "ROOT/logs/a.log log a|\nROOT/logs/b.txt log b|\n", "")
	for _, name := range []string{"out.log", "outdir", "self", "dangling"} {
		if !strings.Contains(told(skipped), root+"/logs/"+name+": is a link that leads") {
			t.Errorf("%s was not told: %s", name, told(skipped))
		}
	}
	got, skipped = read(t, source.Options{Include: []string{"renamed.log"}}, root+"/logs")
	want(t, root, got, skipped, "ROOT/logs/renamed.log log b|\n", "")
	got, skipped = read(t, source.Options{}, root+"/named.log", root+"/logs/loop/logs/a.log")
	want(t, root, got, skipped, "ROOT/named.log log outside|\nROOT/logs/loop/logs/a.log log a|\n", "")
}

func TestSpecialFiles(t *testing.T) {
	root := tree(t, map[string]string{"a.log": "a\n"})
	if err := syscall.Mkfifo(root+"/pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", root+"/socket")
	if err != nil {
		t.Skip("no sockets here:", err)
	}
	defer l.Close()
	got, skipped := read(t, source.Options{}, root)
	want(t, root, got, skipped, "ROOT/a.log log a|\n",
		"ROOT/pipe: read ROOT/pipe: is a pipe, socket or device; name it to read it\nROOT/socket: read ROOT/socket: is a pipe, socket or device; name it to read it\n")
	got, skipped = read(t, source.Options{}, root+"/socket")
	want(t, root, got, skipped, "", "ROOT/socket: read ROOT/socket: is a socket, not a file\n")

	go func() { os.WriteFile(root+"/pipe", []byte("through a pipe\n"), 0) }()
	got, skipped = read(t, source.Options{}, root+"/pipe")
	want(t, root, got, skipped, "ROOT/pipe log through a pipe|\n", "")
}

func TestEndlessDevice(t *testing.T) {
	got, _ := read(t, source.Options{Budget: source.Budget{MaxDeviceBytes: 1 << 20}}, "/dev/zero")
	if len(got) != 1 || len(got[0].text) != 1<<20 || got[0].err == nil || !strings.Contains(got[0].err.Error(), "is a device and gave more than the limit of 1 MiB") {
		t.Fatalf("/dev/zero: %d streams, %d bytes, %v; want 1 MiB and the limit", len(got), len(got[0].text), got[0].err)
	}
	if got[0].Kind != source.KindOther || got[0].What != "nothing but NUL bytes" {
		t.Errorf("/dev/zero is %s, %s", got[0].Kind, got[0].What)
	}
	got, skipped := read(t, source.Options{}, "/dev/null")
	if len(got) != 1 || got[0].text != "" || len(skipped) > 0 {
		t.Errorf("/dev/null: %s%s", lines(got), told(skipped))
	}
}

func TestUnreadableAndVanishing(t *testing.T) {
	root := tree(t, map[string]string{"a.log": "a\n", "b.log": "b\n", "c.log": "c\n", "d/e.log": "e\n"})
	if os.Getuid() != 0 {
		if err := os.Chmod(root+"/c.log", 0); err != nil {
			t.Fatal(err)
		}
	}
	var kept *source.Stream
	skipped, err := source.Walk(t.Context(), []string{root}, source.Options{}, func(s *source.Stream) error {
		if kept == nil {
			kept = s
			os.Remove(root + "/a.log")
			os.Remove(root + "/b.log")
			os.RemoveAll(root + "/d")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/b.log", "/d"} {
		if !strings.Contains(told(skipped), name+": no such file or directory") {
			t.Errorf("%s vanished and was not told: %s", name, told(skipped))
		}
	}
	if os.Getuid() != 0 && !strings.Contains(told(skipped), "c.log: permission denied; run oxtail as a user who may read it") {
		t.Errorf("c.log cannot be read and was not told: %s", told(skipped))
	}
	_, err = kept.Open()
	var e *source.Error
	if !asError(err, &e) || e.Reason != source.ReasonUnreadable {
		t.Errorf("Open of a file that vanished = %v", err)
	}
}
