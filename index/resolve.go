package index

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"oxtail/index/query"
)

// candidates returns the blocks that may hold matches.
func (x *Index) candidates(ctx context.Context, q *query.Query, wanted func(Source) bool) ([]ref, error) {
	var out []ref
	sets := make(map[*scope]query.Bits)
	for _, sc := range x.scopes {
		if sc.seg == nil {
			continue
		}
		set, err := x.resolve(ctx, sc, q.Need())
		if err != nil {
			return nil, err
		}
		sets[sc] = set
	}
	for i, list := range x.blocks {
		if wanted != nil && !wanted(*x.cat.Sources[i]) {
			continue
		}
		for _, r := range list {
			if sets[r.scope].Has(r.block) {
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// resolve returns the blocks of a segment that satisfy a need.
func (x *Index) resolve(ctx context.Context, sc *scope, n *query.Need) (query.Bits, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	count := len(sc.seg.table)
	switch n.Op {
	case query.NeedAll, query.NeedAny:
		return x.resolveKids(ctx, sc, n)
	case query.NeedID:
		return sc.seg.lookupID(n.Hash)
	case query.NeedMeta:
		set := query.NewBits(count)
		for b, owner := range sc.owners {
			if owner >= 0 && n.Source(x.meta(sc, b, owner)) {
				set.Set(b)
			}
		}
		return set, nil
	case query.NeedLabel:
		return x.labelled(sc), nil
	case query.NeedWord, query.NeedLike:
		return x.resolveWords(ctx, sc, n)
	}
	return query.AllBits(count), nil
}

func (x *Index) meta(sc *scope, block, owner int) query.Meta {
	row := &sc.seg.table[block]
	s := x.cat.Sources[owner]
	return query.Meta{Source: s.Path, Format: s.Format, Levels: row.levels, First: row.first, Last: row.last, Untimed: row.untimed}
}

func (x *Index) resolveKids(ctx context.Context, sc *scope, n *query.Need) (query.Bits, error) {
	var out query.Bits
	for _, k := range n.Kids {
		set, err := x.resolve(ctx, sc, k)
		if err != nil {
			return nil, err
		}
		switch {
		case out == nil:
			out = set
		case n.Op == query.NeedAll:
			out = out.And(set)
		default:
			out = out.Or(set)
		}
		if n.Op == query.NeedAll && out.Empty() {
			return out, nil
		}
	}
	return out, nil
}

// resolveWords asks the word index. Without one, every block may hold the word.
func (x *Index) resolveWords(ctx context.Context, sc *scope, n *query.Need) (query.Bits, error) {
	count := len(sc.seg.table)
	words, err := x.words(sc)
	if err == nil {
		var set query.Bits
		if set, err = words.lookup(ctx, fieldWords, n.Word, n.Like, count); err == nil && n.Like != nil {
			var stems query.Bits
			stems, err = words.lookup(ctx, fieldStems, "", func(s string) bool { return query.StemFits(s, n.Stem) }, count)
			if err == nil {
				set = set.Or(stems)
			}
		}
		if err == nil {
			return set, nil
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	_, e := os.Stat(filepath.Join(x.dir, wordsName(sc.name)))
	switch {
	case sc.seg.plainLen > 0:
		x.lose(Loss{Place: sc.name, Err: err})
	case !errors.Is(e, fs.ErrNotExist):
		x.lose(Loss{Place: wordsName(sc.name), Err: err})
	default: // a writer has replaced the segment since; only the speed is lost
	}
	return query.AllBits(count), nil
}

// words opens the word index of a segment once.
func (x *Index) words(sc *scope) (wordSet, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	seg := sc.seg
	if seg.words != nil || seg.wordsErr != nil {
		return seg.words, seg.wordsErr
	}
	if seg.plainLen > 0 {
		if p, err := seg.openPlain(x.zip); err == nil {
			seg.words = p
		} else {
			seg.wordsErr = err
		}
	} else if w, err := openWords(filepath.Join(x.dir, wordsName(sc.name))); err == nil {
		seg.words = w
	} else {
		seg.wordsErr = err
	}
	return seg.words, seg.wordsErr
}
