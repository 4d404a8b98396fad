package report

import (
	"cmp"
	"io"
	"strconv"
	"time"

	"github.com/dustin/go-humanize"

	"oxtail/internal/caches"
)

// WriteCaches writes cache files for a person. With the name of a profile, in the
// manner of the SupportTool's list for it.
func WriteCaches(w io.Writer, found []caches.Cache, profile string, opt TextOptions) error {
	t := newText(w, opt)
	if profile != "" {
		t.printf("* Listing cache file information... (profile %s)\n", Plain(profile))
	}
	cells := [][]string{{"file", "kind", "content", "size", "modified", "state"}}
	for i := range found {
		cells = append(cells, cacheCells(&found[i], opt.All))
	}
	if len(found) > 0 {
		t.table(cells, "lllrll")
	}
	t.cacheNotes(found)
	t.printf("%s\n", plural(int64(len(found)), "cache file"))
	return t.w.Flush()
}

func cacheCells(c *caches.Cache, all bool) []string {
	size := "-"
	if c.Bytes >= 0 {
		size = humanize.IBytes(uint64(c.Bytes))
	}
	modified := "-"
	if !c.Modified.IsZero() {
		modified = c.Modified.UTC().Format(time.DateTime)
	}
	path := Plain(c.Path)
	if !all {
		path = shorten(path, maxPathWidth)
	}
	return []string{
		path, string(c.Kind), Plain(cmp.Or(string(c.Content), "-")), size, modified, string(c.State),
	}
}

// cacheNotes tells whose the files are, why a state is what it is, and what is wrong
// with a store.
func (t *text) cacheNotes(found []caches.Cache) {
	for i := range found {
		c := &found[i]
		notes := c.Notes
		if c.State == caches.StatePresent && !t.opt.All {
			notes = nil
		}
		if c.Account == nil && len(c.Profiles)+len(notes)+len(c.Problems) == 0 {
			continue
		}
		t.printf("\n%s\n", Plain(c.Path))
		if c.Account != nil {
			t.wrapped("  account: ", Plain((&Account{clean(c.Account.Server), clean(c.Account.User)}).String()))
		}
		t.listed("  profiles: ", c.Profiles)
		for _, n := range notes {
			t.wrapped("  ", Plain(n))
		}
		for _, p := range c.Problems {
			t.wrapped("  ", Plain(p.String()))
		}
	}
	if len(found) > 0 {
		t.printf("\n")
	}
}

// A CacheRow is a cache file in CSV.
type CacheRow struct {
	Path          string `csv:"path"`
	Kind          string `csv:"kind"`
	Content       string `csv:"content"`
	Bytes         string `csv:"bytes"`
	Modified      string `csv:"modified"`
	State         string `csv:"state"`
	AccountServer string `csv:"account_server"`
	AccountUser   string `csv:"account_user"`
	Profiles      string `csv:"profiles"`
	Pair          string `csv:"pair"`
	User          string `csv:"user"`
	Problems      string `csv:"problems"`
	Notes         string `csv:"notes"`
}

// WriteCachesCSV writes one row a cache file.
func WriteCachesCSV(w io.Writer, found []caches.Cache, withBOM bool) error {
	rows := make([]CacheRow, len(found))
	for i := range found {
		c := &found[i]
		row := CacheRow{
			Path: c.Path, Kind: string(c.Kind), Content: string(c.Content), Modified: stamp(c.Modified), State: string(c.State),
			Profiles: list(c.Profiles), Pair: c.Pair, User: c.User, Notes: list(c.Notes),
		}
		if c.Bytes >= 0 {
			row.Bytes = strconv.FormatInt(int64(c.Bytes), 10)
		}
		if c.Account != nil {
			row.AccountServer, row.AccountUser = clean(c.Account.Server), clean(c.Account.User)
		}
		var problems []string
		for _, p := range c.Problems {
			problems = append(problems, p.ID)
		}
		row.Problems = list(problems)
		rows[i] = row
	}
	return WriteCSV(NewCSV(w, withBOM), rows)
}
