package cli

import (
	"oxtail/internal/indexing"
	"oxtail/internal/watch"
)

// defaultIndex is the value of --index that stands for the place that "oxtail index" uses.
const defaultIndex = "default"

// intoIndex makes a watch write all records into an index, if one is named.
func (f *watchFlags) intoIndex(t *term, opts *watch.Options) error {
	if f.index == "" {
		return nil
	}
	if f.index == defaultIndex {
		var err error
		if f.index, err = t.indexDir(""); err != nil {
			return err
		}
	}
	dir, live := f.index, indexing.LiveOptions{Formats: opts.Formats, Rules: opts.Rules}
	opts.Index = func() (watch.Store, error) { return indexing.OpenLive(dir, live) }
	t.sayf("all records go into the index %s", dir)
	return nil
}
