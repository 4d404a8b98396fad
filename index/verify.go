package index

import (
	"context"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
)

// Verify reads everything that the index consists of. What is damaged is in Losses.
// It returns the number of records that can be read.
func (x *Index) Verify(ctx context.Context) (int64, error) {
	total := int64(0)
	for i, s := range x.cat.Sources {
		have := int64(0)
		for _, r := range x.blocks[i] {
			if err := ctx.Err(); err != nil {
				return total, err
			}
			n, err := x.verifyBlock(r)
			if err != nil {
				x.lose(Loss{Place: r.scope.name, Source: s.Path, Err: err})
				continue
			}
			have += int64(n)
		}
		if have != s.Records {
			x.lose(Loss{Place: catalogueName, Source: s.Path, Err: fmt.Errorf("%d of %d records are there", have, s.Records)})
		}
		total += have
	}
	for _, sc := range x.scopes {
		if sc.seg != nil {
			x.verifyRest(sc)
		}
	}
	return total, nil
}

func (x *Index) verifyBlock(r ref) (int, error) {
	v, err := x.view(r)
	if err != nil {
		return 0, err
	}
	if !v.loadText() {
		return 0, v.err
	}
	return v.Len(), nil
}

// verifyRest checks what searches use to find blocks.
func (x *Index) verifyRest(sc *scope) {
	filters := make([]byte, sc.seg.filterLen)
	if _, err := sc.seg.file.ReadAt(filters, sc.seg.filterAt); err != nil || checksum(filters) != sc.seg.filterSum {
		x.lose(Loss{Place: sc.name, Err: fmt.Errorf("filters: %w", errDamaged)})
	}
	if sc.seg.plainLen > 0 {
		if _, err := sc.seg.openPlain(x.zip); err != nil {
			x.lose(Loss{Place: sc.name, Err: fmt.Errorf("words: %w", errDamaged)})
		}
		return
	}
	for _, p := range x.cat.Segments {
		if p.Name != sc.name {
			continue
		}
		if sum, err := sumTree(filepath.Join(x.dir, wordsName(p.Name))); err != nil || sum != p.Words {
			x.lose(Loss{Place: wordsName(p.Name), Err: fmt.Errorf("words: %w", errDamaged)})
		}
	}
}

// sumTree returns a checksum over all files below a folder.
func sumTree(dir string) (uint32, error) {
	h := crc32.NewIEEE()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		_, err = h.Write(b)
		return err
	})
	return h.Sum32(), err
}
