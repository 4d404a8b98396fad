package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"oxtail/index"
)

// A savedSearch is a query with the flags that belong to it.
type savedSearch struct {
	Query  string `json:"query"`
	Sort   string `json:"sort,omitempty"`
	Limit  int    `json:"limit,omitempty"`
	Before int    `json:"before,omitempty"`
}

// shipped are the searches that are always there.
var shipped = map[string]savedSearch{
	"unsynced":          {Query: "failed_item:1 OR rule:uuid* OR outcome:unresolved"},
	"first-errors":      {Query: "level:>=error OR rule:*", Sort: "time"},
	"slow":              {Query: `/\b\d{4,} ?ms\b/ OR slow`, Sort: "-time"},
	"before-uuid-error": {Query: "rule:uuid*", Sort: "time", Limit: 1, Before: 20},
}

func shippedNames() []string {
	var out []string
	for _, n := range slices.Sorted(maps.Keys(shipped)) {
		out = append(out, "@"+n)
	}
	return out
}

// saved returns the search that @NAME stands for, or the text itself as one.
func (f *searchFlags) saved(t *term, text string) (savedSearch, error) {
	name, ok := strings.CutPrefix(text, "@")
	if !ok {
		return savedSearch{Query: text}, nil
	}
	own, err := f.readSaved(t)
	if err != nil {
		return savedSearch{}, err
	}
	if s, ok := own[name]; ok {
		return s, nil
	}
	if s, ok := shipped[name]; ok {
		return s, nil
	}
	known := slices.Sorted(maps.Keys(own))
	for n := range shipped {
		known = append(known, n)
	}
	slices.Sort(known)
	return savedSearch{}, unknownValue("saved search", name, known)
}

// apply sets the flags of a saved search that the user did not set.
func (s savedSearch) apply(cmd *cobra.Command, f *searchFlags) {
	flags := cmd.Flags()
	if s.Sort != "" && !flags.Changed("sort") {
		f.sort.value = s.Sort
	}
	if s.Limit > 0 && !flags.Changed("limit") {
		f.limit = s.Limit
	}
	f.before = max(f.before, s.Before)
}

func (f *searchFlags) savedFile(t *term) (string, error) {
	dir, err := t.indexDir(f.dir)
	return filepath.Join(dir, index.SavedName), err
}

func (f *searchFlags) readSaved(t *term) (map[string]savedSearch, error) {
	own := make(map[string]savedSearch)
	name, err := f.savedFile(t)
	if err != nil {
		return own, nil // no index, so none of the user's
	}
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return own, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read saved searches: %w", err)
	}
	if err := json.Unmarshal(data, &own); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return own, nil
}

// keep saves the search under the name of --save.
func (f *searchFlags) keep(t *term, s savedSearch) error {
	if strings.ContainsAny(f.save, " @/\\\t\n") {
		return fmt.Errorf("--save: %q is no name; want letters, digits and hyphens", f.save)
	}
	own, err := f.readSaved(t)
	if err != nil {
		return err
	}
	own[f.save] = s
	data, err := json.MarshalIndent(own, "", "  ")
	if err != nil {
		return fmt.Errorf("encode saved searches: %w", err)
	}
	name, err := f.savedFile(t)
	if err != nil {
		return err
	}
	if err := writeAtomically(name, func(w *os.File) error { _, err := w.Write(append(data, '\n')); return err }); err != nil {
		return err
	}
	t.sayf("saved; find it with oxtail search @%s", f.save)
	return nil
}
