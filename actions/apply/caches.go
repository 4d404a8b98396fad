package apply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"oxtail/actions"
	"oxtail/parser/winpath"
)

// cacheNames lists the cache files of the plan as they may be on the computer: the files
// that the profile names and the other halves of their pairs.
func (r *run) cacheNames() []string {
	var out []string
	add := func(path string) {
		if !slices.ContainsFunc(out, func(x string) bool { return winpath.Equal(x, path) }) {
			out = append(out, path)
		}
	}
	for _, path := range r.plan.Target.CacheFiles {
		full := r.m.Expand(path)
		add(full)
		switch ext := winpath.Ext(full); ext {
		case ".odb":
			add(full[:len(full)-len(ext)] + ".psz")
		case ".psz":
			add(full[:len(full)-len(ext)] + ".odb")
		}
	}
	return out
}

// caches looks at the cache files, with the journals of their data bases beside them, as
// the SupportTool lists "cache file information". What cannot be looked at is listed as
// existing with an unknown size: it may be there.
func (r *run) caches(ctx context.Context) ([]CacheInfo, error) {
	names := r.cacheNames()
	for _, name := range r.cacheNames() {
		files, err := r.m.List(ctx, winpath.Dir(name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("list %s: %w", winpath.Dir(name), err)
		}
		for _, f := range files {
			if isBeside(f.Path, name) && !slices.Contains(names, f.Path) {
				names = append(names, f.Path)
			}
		}
	}
	var out []CacheInfo
	for _, name := range names {
		out = append(out, r.cacheInfo(ctx, name))
	}
	return out, ctx.Err()
}

// isBeside reports whether a file is a journal of a data base: its name with an ending
// behind a hyphen.
func isBeside(path, name string) bool {
	a, b := strings.ToLower(winpath.Base(path)), strings.ToLower(winpath.Base(name))
	return slices.Contains([]string{b + "-journal", b + "-wal", b + "-shm"}, a)
}

// unknownBytes is the size of a file that cannot be looked at.
const unknownBytes = -1

func (r *run) cacheInfo(ctx context.Context, path string) CacheInfo {
	f, err := r.m.Stat(ctx, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return CacheInfo{Path: path}
	case err != nil:
		return CacheInfo{Path: path, Exists: true, Bytes: unknownBytes}
	}
	info := CacheInfo{Path: path, Exists: true, Bytes: f.Bytes, Modified: f.Modified}
	if head, err := headSum(ctx, r.m, path); err == nil {
		info.Head = head
	}
	return info
}

func (r *run) tellCaches(ctx context.Context, _ *actions.Step) ([]string, error) {
	out, err := r.listCaches(ctx, nil)
	return out.facts, err
}

// listCaches notes the cache files and the properties of the service before anything is
// deleted.
func (r *run) listCaches(ctx context.Context, _ *actions.Step) (outcome, error) {
	var err error
	if r.res.Before, err = r.caches(ctx); err != nil {
		return outcome{}, err
	}
	out := done(cacheLines(r.res.Before)...)
	properties, err := r.properties(ctx, r.plan.Target.ServiceUID)
	if err != nil {
		out.warn("the properties of the service could not be listed: %v", err)
	}
	r.res.PropsBefore = redacted(properties)
	return out, nil
}

// cacheLines writes the list for people.
func cacheLines(list []CacheInfo) []string {
	var out []string
	for _, c := range list {
		switch {
		case !c.Exists:
			out = append(out, c.Path+": does not exist")
		case c.Bytes == unknownBytes:
			out = append(out, c.Path+": cannot be looked at")
		default:
			out = append(out, c.Path+": "+sizeOf(c.Bytes)+", "+c.Modified.UTC().Format("2006-01-02 15:04:05")+" UTC")
		}
	}
	return out
}
