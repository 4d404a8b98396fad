package bundle

import "context"

// Files lists the files of paths that a collection would look at, among them caches and
// stores, whose contents it leaves alone. Where a path is a whole disk, these are the
// files in the known places: a scan of them finds what a scan of the bundle finds.
func Files(ctx context.Context, opts Options) ([]string, error) {
	man := &Manifest{}
	s := &survey{opts: &opts, man: man, taken: map[string]bool{}}
	var out []string
	s.each = func(name string) { out = append(out, name) }
	for _, p := range opts.Paths {
		t, only, err := openTree(p)
		if err != nil {
			continue // the collection tells
		}
		err = s.tree(ctx, t, only)
		t.root.Close() // read only: nothing is lost when closing fails
		if err != nil {
			return nil, err
		}
	}
	if opts.Env != nil {
		if err := s.live(ctx); err != nil {
			return nil, err
		}
	}
	return out, nil
}
