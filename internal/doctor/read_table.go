package doctor

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"oxtail/parser/winpath"
)

// header gives the columns of the first line of a table that is not a comment, and what
// separates them. Lists of PowerShell begin with a line #TYPE.
func header(text string) (columns []string, comma rune) {
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(strings.ToLower(line), "sep=") {
			continue
		}
		for _, comma := range []rune{',', ';', '\t'} {
			cells, err := rowsOf(line, comma).Read()
			if err != nil || len(cells) < 2 {
				continue
			}
			for i := range cells {
				cells[i] = strings.ToLower(strings.Trim(strings.TrimSpace(cells[i]), `"`))
			}
			return cells, comma
		}
		return nil, 0
	}
	return nil, 0
}

func rowsOf(text string, comma rune) *csv.Reader {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.Comment, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = comma, '#', -1, true, false
	return r
}

// anyOf finds the first of some column names.
func anyOf(columns []string, names ...string) int {
	for _, name := range names {
		if i := slices.Index(columns, name); i >= 0 {
			return i
		}
	}
	return -1
}

// Names of columns in lists of programs: of the registry (PowerShell), of wmic, and of
// German tools.
func productColumns(columns []string) (name, version, publisher int) {
	return anyOf(columns, "displayname", "name", "product name", "program", "anzeigename"), anyOf(columns, "displayversion", "version", "product version"),
		anyOf(columns, "publisher", "vendor", "herausgeber")
}

// isProductTable tells a list of installed programs.
func isProductTable(text string) bool {
	columns, _ := header(text)
	name, version, publisher := productColumns(columns)
	return name >= 0 && version >= 0 && (publisher >= 0 || slices.Contains(columns, "displayname") || slices.Contains(columns, "node") || len(columns) <= 3) &&
		anyOf(columns, "fullname", "path", "length", "pid", "processid") < 0
}

// takeProducts reads a list of installed programs.
func (g *Gatherer) takeProducts(path string, data []byte) error {
	name, version, publisher := -1, -1, -1
	err := eachRow(data, func(columns []string) error {
		name, version, publisher = productColumns(columns)
		return nil
	}, func(line int, cell func(int) string) bool {
		p := product{name: cell(name), version: cell(version), publisher: cell(publisher), place: fmt.Sprintf("%s:%d", path, line), source: path}
		if p.name != "" && len(g.facts.products) < maxItems {
			g.facts.products = append(g.facts.products, p)
		}
		return len(g.facts.products) < maxItems
	})
	g.facts.hasList = true
	return err
}

// eachRow reads a table in any encoding.
func eachRow(data []byte, head func(columns []string) error, row func(line int, cell func(int) string) bool) error {
	var text bytes.Buffer
	linesOf(data, func(_ int, line string) bool {
		text.WriteString(line)
		text.WriteByte('\n')
		return true
	})
	columns, comma := header(text.String())
	if columns == nil {
		return errColumns("at all")
	}
	if err := head(columns); err != nil {
		return err
	}
	rows := rowsOf(text.String(), comma)
	for seen := false; ; {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the table is damaged: %w", err)
		}
		if !seen {
			seen = len(cells) >= 2
			continue
		}
		line, _ := rows.FieldPos(0)
		if !row(line, func(i int) string {
			if i < 0 || i >= len(cells) {
				return ""
			}
			return strings.TrimSpace(cells[i])
		}) {
			return nil
		}
	}
}

// isFileTable tells a list of files, such as of PowerShell's Get-ChildItem.
func isFileTable(text string) bool {
	columns, _ := header(text)
	return anyOf(columns, "fullname", "path") >= 0 && anyOf(columns, "length", "size", "bytes", "version", "fileversion", "lastwritetime", "modified") >= 0 &&
		anyOf(columns, "pid", "processid") < 0
}

// takeFileTable reads a list of files.
func (g *Gatherer) takeFileTable(path string, data []byte) error {
	var at struct{ path, size, version, modified, machine int }
	return eachRow(data, func(c []string) error {
		at.path, at.size = anyOf(c, "fullname", "path"), anyOf(c, "length", "size", "bytes")
		at.version, at.modified, at.machine = anyOf(c, "fileversion", "version", "productversion"), anyOf(c, "lastwritetimeutc", "lastwritetime", "modified"), anyOf(c, "machine")
		return nil
	}, func(_ int, cell func(int) string) bool {
		f := ListedFile{Path: cell(at.path), Version: plainVersion(cell(at.version)), Machine: cell(at.machine)}
		if f.Path == "" {
			return true
		}
		f.Bytes, _ = strconv.ParseInt(cell(at.size), 10, 64) // folders have none
		f.Modified, _ = time.Parse(time.RFC3339, cell(at.modified))
		return g.facts.files.add(f, path)
	})
}

// plainVersion cuts words off a version, "16.0.1.2 (build)".
func plainVersion(text string) string {
	text, _, _ = strings.Cut(strings.ReplaceAll(text, ", ", "."), " ")
	return text
}

// isDirListing tells the output of dir /s, in English and German.
func isDirListing(text string) bool {
	lower := strings.ToLower(text)
	return strings.Contains(lower, "directory of ") && strings.Contains(lower, "volume ") ||
		strings.Contains(lower, "verzeichnis von ") && (strings.Contains(lower, "volume") || strings.Contains(lower, "datenträger"))
}

// takeDirListing reads the output of dir. A folder that is listed to its sum is complete.
func (g *Gatherer) takeDirListing(path string, data []byte) error {
	dir, full := "", false
	linesOf(data, func(_ int, line string) bool {
		trimmed := strings.TrimSpace(line)
		if rest, is := cutAny(trimmed, "Directory of ", "Verzeichnis von "); is {
			dir = strings.TrimSpace(rest)
			return true
		}
		if strings.Contains(trimmed, "File(s)") || strings.Contains(trimmed, "Datei(en)") {
			g.facts.files.addFolder(ListedPath{Path: dir, Complete: dir != ""})
			dir = ""
			return true
		}
		name, size, ok := dirEntry(trimmed)
		if dir == "" || !ok {
			return true
		}
		full = !g.facts.files.add(ListedFile{Path: winpath.Clean(dir + `\` + name), Bytes: size}, path)
		return !full
	})
	if full {
		return fmt.Errorf("more than %d files in all lists; the rest of this one is left out", maxFiles)
	}
	return nil
}

// cutAny cuts the first fitting prefix.
func cutAny(text string, prefixes ...string) (string, bool) {
	for _, p := range prefixes {
		if rest, is := strings.CutPrefix(text, p); is {
			return rest, true
		}
	}
	return text, false
}

// dirEntry reads a line of dir: date, time, perhaps AM or PM, size, name. Folders have
// <DIR> for a size and are passed over.
func dirEntry(line string) (name string, size int64, ok bool) {
	if line == "" || line[0] < '0' || line[0] > '9' {
		return "", 0, false
	}
	rest := line
	for range 4 { // date, time, AM, size
		word, after, found := strings.Cut(rest, " ")
		if !found {
			return "", 0, false
		}
		rest = strings.TrimLeft(after, " ")
		if strings.ContainsAny(word, ":/-") || strings.Count(word, ".") == 2 && len(word) == len("02.01.2006") || word == "AM" || word == "PM" {
			continue
		}
		n, err := strconv.ParseInt(strings.NewReplacer(",", "", ".", "", "\u00a0", "").Replace(word), 10, 64)
		return rest, n, err == nil && rest != ""
	}
	return "", 0, false
}
