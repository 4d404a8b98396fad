package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// watchCommand is the command watch of a program of its own.
func watchCommand(t *testing.T) *cobra.Command {
	t.Helper()
	cmd, _, err := newRoot(newTerm(Process{Getenv: func(string) string { return "" }})).Find([]string{"watch"})
	if err != nil || cmd.Name() != "watch" {
		t.Fatalf("find watch: %v, %v", cmd, err)
	}
	return cmd
}

// TestPathFlags: each flag of watch that takes a path is made absolute when a watch is
// installed; a new one has to be listed.
func TestPathFlags(t *testing.T) {
	known := 0
	watchCommand(t).Flags().VisitAll(func(x *pflag.Flag) {
		name, usage := pflag.UnquoteUsage(x)
		isPath := slices.Contains([]string{"file", "folder", "program"}, name) || strings.HasPrefix(usage, "JSON file")
		if isPath {
			known++
		}
		if isPath != slices.Contains(pathFlags(), x.Name) {
			t.Errorf("--%s takes a path: %v; listed in pathFlags: %v", x.Name, isPath, !isPath)
		}
	})
	if known != len(pathFlags()) {
		t.Errorf("%d flags take paths; pathFlags lists %d", known, len(pathFlags()))
	}
}

// TestFlagArgs: the flags that an installed watch is started with mean what was given.
func TestFlagArgs(t *testing.T) {
	given := []string{
		"--records", "--severity", "high", "--format=json", "--silent-after", "90m", "--cool-down=0", "--max-output", "1500001", "-o", "out file.jsonl",
		"--exec-arg", "a,b", "--exec-arg", "--x", "--exec-arg", "", "--rules", "one", "--rules", "two, three", "--since", "2h", "--state", "st", "--webhook", "https://h/?a=b&c=%20",
	}
	first, second := watchCommand(t).Flags(), watchCommand(t).Flags()
	if err := first.Parse(given); err != nil {
		t.Fatal(err)
	}
	if err := absoluteFlags(first, first); err != nil {
		t.Fatal(err)
	}
	args := flagArgs(first, first)
	if err := second.Parse(args); err != nil {
		t.Fatalf("parse %q: %v", args, err)
	}
	first.VisitAll(func(x *pflag.Flag) {
		got, want := second.Lookup(x.Name).Value, x.Value
		if a, ok := got.(*size); ok && *a != *want.(*size) {
			t.Errorf("--%s = %d; want %d", x.Name, *a, *want.(*size))
		}
		if got.String() != want.String() && x.Name != "state" {
			t.Errorf("--%s = %s; want %s", x.Name, got, want)
		}
	})
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"--output=" + filepath.Join(here, "out file.jsonl"), "--rules=" + filepath.Join(here, "two, three"), "--exec-arg=a,b", "--exec-arg="} {
		if !slices.Contains(args, want) {
			t.Errorf("args %q; want %q among them", args, want)
		}
	}
}
