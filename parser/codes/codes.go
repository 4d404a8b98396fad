// Package codes knows the error codes that appear in the logs: HRESULT and MAPI
// codes, the vectors of Outlook's synchronization log, and OX server codes. It finds
// them in text, in every spelling, and says what each means, by the tables beside
// this file.
//
// It never judges a record: whether a code is a fault depends on where it stands,
// and that is the detectors' business.
package codes

import (
	"cmp"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Code is an error code in its printed form: "0x8004010F" for HRESULT and MAPI
// codes, "SVL-0017" for OX server codes.
type Code string

// FromHRESULT returns the Code of a 32-bit value.
func FromHRESULT(v uint32) Code { return Code(fmt.Sprintf("0x%08X", v)) }

// HRESULT returns the 32-bit value of an HRESULT code, and whether c is one.
func (c Code) HRESULT() (uint32, bool) {
	if len(c) != 10 || !strings.HasPrefix(string(c), "0x") {
		return 0, false
	}
	v, err := strconv.ParseUint(string(c[2:]), 16, 32)
	return uint32(v), err == nil
}

// An Entry is what the tables say about a code. Verdict and Action are the defaults
// without context; absent facts are empty.
type Entry struct {
	Code     Code
	Name     string // symbol, such as MAPI_E_NOT_FOUND; category of OX codes, such as TRY_AGAIN
	Verdict  string
	Action   string
	Detail   string // OX codes: how to do the action, such as "backoff"
	Meaning  string
	Cause    string
	Remedy   string
	Note     string
	Source   string
	Verified bool // code and meaning were seen in a named public source
}

//go:embed mapi.tsv
var mapiTSV string

//go:embed ox.tsv
var oxTSV string

//go:embed vector.tsv
var vectorTSV string

// Lookup returns the entry of a code.
func Lookup(c Code) (Entry, bool) {
	e, ok := table()[c]
	return e, ok
}

// All returns the entries of all known codes, sorted by code: HRESULTs before those of
// the OX server.
func All() []Entry {
	return slices.SortedFunc(maps.Values(table()), func(a, b Entry) int { return cmp.Compare(a.Code, b.Code) })
}

// Len returns the number of known codes.
func Len() int { return len(table()) }

var table = sync.OnceValue(func() map[Code]Entry {
	t := make(map[Code]Entry, 512)
	for _, row := range rows("mapi.tsv", mapiTSV, 10) {
		t[Code(row[0])] = Entry{
			Code: Code(row[0]), Name: row[1], Verdict: row[2], Action: row[3], Meaning: row[4],
			Cause: row[5], Remedy: row[6], Verified: row[7] == "V", Source: row[9],
		}
	}
	for _, row := range rows("ox.tsv", oxTSV, 7) {
		t[Code(row[0])] = Entry{
			Code: Code(row[0]), Name: row[1], Verdict: row[2], Action: row[3], Detail: row[4],
			Meaning: row[5], Note: row[6], Verified: true,
			Source: "open-xchange/appsuite-middleware (code and category)",
		}
	}
	return t
})

// symbols is the codes by their names.
var symbols = sync.OnceValue(func() map[string]Code {
	t := make(map[string]Code, 256)
	for c, e := range table() {
		if _, ok := c.HRESULT(); ok && strings.Contains(e.Name, "_E_") {
			t[e.Name] = c
		}
	}
	return t
})

// rows splits an embedded table into its data rows; "-" means unknown.
func rows(name, tsv string, columns int) [][]string {
	var out [][]string
	for i, line := range strings.Split(strings.TrimRight(tsv, "\n"), "\n") {
		if i == 0 {
			continue
		}
		row := strings.Split(strings.TrimRight(line, "\r"), "\t")
		if len(row) != columns {
			panic(fmt.Sprintf("BUG: %s:%d: %d columns; want %d", name, i+1, len(row), columns))
		}
		for j := range row {
			if row[j] == "-" {
				row[j] = ""
			}
		}
		out = append(out, row)
	}
	return out
}

// ObjectModel maps a code of Outlook's object model, whose high word varies, to
// the MAPI code with the same low word: 0xD6A4011D → 0x8004011D. It reports false
// when c is a plain HRESULT or no MAPI code has that low word.
func ObjectModel(c Code) (Code, bool) {
	v, ok := c.HRESULT()
	if !ok || v>>24 == 0x80 || v&0x80000000 == 0 {
		return "", false
	}
	mapi := FromHRESULT(0x80040000 | v&0xffff)
	_, known := table()[mapi]
	return mapi, known
}
