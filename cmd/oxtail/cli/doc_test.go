package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// minDocCommands guards against documents whose commands are not found.
const minDocCommands = 5

// TestDocs runs every "$ oxtail …" of README.md and docs/*.md, in the root of the
// module, and compares what it prints with what stands below it in the block. A line
// "…" stands for any number of lines. With -update, blocks without one are rewritten.
func TestDocs(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(root)
	docs, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, name := range append([]string{"README.md"}, docs...) {
		t.Run(name, func(t *testing.T) { commands += runDoc(t, name) })
	}
	if commands < minDocCommands {
		t.Errorf("found %d commands in the documents; want at least %d", commands, minDocCommands)
	}
}

// runDoc checks one document and returns how many commands it holds.
func runDoc(t *testing.T, name string) int {
	clearScratch(t)
	defer clearScratch(t)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	var out []string
	count := 0
	for i := 0; i < len(lines); i++ {
		out = append(out, lines[i])
		indent, command, ok := strings.Cut(lines[i], "$ oxtail ")
		if !ok || strings.TrimSpace(indent) != "" {
			continue
		}
		count++
		want := blockBelow(lines[i+1:], indent)
		got := runLine(t, indent, command)
		if !matches(want, got) {
			t.Errorf("%s:%d: $ oxtail %s prints\n%s\nthe document says\n%s", name, i+1, command, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if slices.Contains(want, indent+"…") {
			got = want
		}
		out = append(out, got...)
		i += len(want)
	}
	if *update {
		if err := os.WriteFile(name, []byte(strings.Join(out, "\n")), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return count
}

// clearScratch removes what the commands of a document write: these names only.
func clearScratch(t *testing.T) {
	for _, name := range []string{"plan.json", "after", "bundle.zip", "bundle.key.json", "ticket.zip", "ticket.key.json"} {
		if err := os.RemoveAll(name); err != nil {
			t.Fatal(err)
		}
	}
}

// blockBelow returns the lines of output below a command: up to the fence, the next
// command, or the end of the indented block.
func blockBelow(lines []string, indent string) []string {
	for i, l := range lines {
		ends := strings.HasPrefix(l, "```") || strings.HasPrefix(l, indent+"$ ") || indent != "" && l != "" && !strings.HasPrefix(l, indent)
		if ends {
			for indent != "" && i > 0 && lines[i-1] == "" {
				i--
			}
			return lines[:i]
		}
	}
	return lines
}

// runLine runs a command line and returns what it prints, stderr last, indented.
func runLine(t *testing.T, indent, command string) []string {
	var stdout, stderr bytes.Buffer
	Main(Process{
		Args: splitWords(t, command), Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		Getenv: func(string) string { return "" }, Now: func() time.Time { return time.Date(2026, 3, 6, 12, 0, 0, 0, time.UTC) },
	})
	text := strings.TrimRight(stdout.String()+stderr.String(), "\n")
	var out []string
	for l := range strings.SplitSeq(text, "\n") {
		if l = strings.TrimSuffix(l, "\r"); l != "" { // CSV; documents have no carriage returns
			l = indent + l
		}
		out = append(out, l)
	}
	return out
}

var word = regexp.MustCompile(`'[^']*'|"[^"]*"|[^\s'"]+`)

// splitWords splits a command line at blanks, outside of quotes.
func splitWords(t *testing.T, command string) []string {
	var out []string
	for _, w := range word.FindAllString(command, -1) {
		out = append(out, strings.Trim(w, `'"`))
	}
	if len(out) == 0 {
		t.Fatalf("no words in %q", command)
	}
	return out
}

// matches compares lines; "…" in want stands for any number of lines.
func matches(want, got []string) bool {
	if len(want) == 0 {
		return len(got) == 0
	}
	if strings.TrimSpace(want[0]) == "…" {
		for i := range len(got) + 1 {
			if matches(want[1:], got[i:]) {
				return true
			}
		}
		return false
	}
	return len(got) > 0 && want[0] == got[0] && matches(want[1:], got[1:])
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		want, got string
		ok        bool
	}{
		{"a b", "a b", true}, {"a b", "a c", false}, {"a … c", "a b b c", true}, {"a … c", "a b", false},
		{"…", "", true}, {"a", "a b", false}, {"… b", "a b", true},
	} {
		if got := matches(strings.Fields(c.want), strings.Fields(c.got)); got != c.ok {
			t.Errorf("matches(%q, %q) = %v; want %v", c.want, c.got, got, c.ok)
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)#:\s]+)(?:#[^)]*)?\)`)

// TestLinks follows the links between the documents.
func TestLinks(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	docs, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range append(docs, filepath.Join(root, "README.md"), filepath.Join(root, "ARCHITECTURE.md"), filepath.Join(root, "CONTRIBUTING.md"), filepath.Join(root, "samples", "README.md")) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(data), -1) {
			found++
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s links to %s: %v", name, m[1], err)
			}
		}
	}
	if found == 0 {
		t.Error("found no link in any document")
	}
}
