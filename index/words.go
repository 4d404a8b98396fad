package index

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/custom"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/whitespace"
	"github.com/blevesearch/bleve/v2/mapping"

	"oxtail/index/query"
)

// Fields of a block's document.
const (
	fieldWords = "w"
	fieldStems = "s"
)

// wordsBatch is how many blocks bleve holds in memory before it writes them.
const wordsBatch = 200

// wordMapping makes bleve take the words as they are.
func wordMapping() (mapping.IndexMapping, error) {
	m := bleve.NewIndexMapping()
	if err := m.AddCustomAnalyzer("words", map[string]any{"type": custom.Name, "tokenizer": whitespace.Name}); err != nil {
		return nil, err
	}
	field := bleve.NewTextFieldMapping()
	field.Analyzer, field.Store, field.IncludeTermVectors, field.IncludeInAll, field.DocValues = "words", false, false, false, false
	doc := bleve.NewDocumentStaticMapping()
	doc.AddFieldMappingsAt(fieldWords, field)
	doc.AddFieldMappingsAt(fieldStems, field)
	m.DefaultMapping = doc
	return m, nil
}

// wordBuilder writes the words of one segment. What it writes never changes, so that
// readers can share it while a writer lives: bleve itself would lock them out.
type wordBuilder struct {
	builder bleve.Builder
	path    string
}

func newWordBuilder(path string) (*wordBuilder, error) {
	m, err := wordMapping()
	if err != nil {
		return nil, err
	}
	b, err := bleve.NewBuilder(path, m, map[string]any{"batchSize": wordsBatch, "buildPathPrefix": filepath.Dir(path)})
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return &wordBuilder{b, path}, nil
}

// add takes the words of the block with a number.
func (w *wordBuilder) add(block int, words, stems string) error {
	if err := w.builder.Index(strconv.Itoa(block), map[string]any{fieldWords: words, fieldStems: stems}); err != nil {
		return fmt.Errorf("write %s: %w", w.path, err)
	}
	return nil
}

// close completes the folder and brings it to the disk.
func (w *wordBuilder) close() error {
	if err := w.builder.Close(); err != nil {
		return fmt.Errorf("write %s: %w", w.path, err)
	}
	return syncTree(w.path)
}

// syncTree brings all files below a folder to the disk.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		err = f.Sync()
		if e := f.Close(); err == nil {
			err = e
		}
		return err
	})
}

// A wordSet looks the words of a segment up.
type wordSet interface {
	// lookup returns the blocks that hold a word, or any word that like accepts.
	lookup(ctx context.Context, field, word string, like func(string) bool, blocks int) (query.Bits, error)

	// byBlock returns the words of each block, joined by blanks.
	byBlock(ctx context.Context, field string, blocks int) ([]string, error)

	close() error
}

// wordIndex looks words up that bleve has.
type wordIndex struct {
	index bleve.Index
}

// openWords opens the words of a segment for reading; any number may at once.
func openWords(path string) (w *wordIndex, err error) {
	defer caught(&err)
	idx, err := bleve.OpenUsing(path, map[string]any{"read_only": true})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return &wordIndex{idx}, nil
}

// caught turns a panic over damaged files, which bleve maps into memory unchecked,
// into an error.
func caught(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("word index: %v: %w", p, errDamaged)
	}
}

func (w *wordIndex) close() error { return w.index.Close() }

func (w *wordIndex) lookup(ctx context.Context, field, word string, like func(string) bool, blocks int) (query.Bits, error) {
	set := query.NewBits(blocks)
	err := w.each(ctx, field, word, like, blocks, func(_ string, block int) { set.Set(block) })
	return set, err
}

func (w *wordIndex) byBlock(ctx context.Context, field string, blocks int) ([]string, error) {
	lists := make([][]string, blocks)
	all := func(string) bool { return true }
	err := w.each(ctx, field, "", all, blocks, func(word string, block int) { lists[block] = append(lists[block], word) })
	out := make([]string, blocks)
	for i, l := range lists {
		out[i] = strings.Join(l, " ")
	}
	return out, err
}

// each calls found for each block of a word, or of all words that like accepts.
func (w *wordIndex) each(ctx context.Context, field, word string, like func(string) bool, blocks int, found func(word string, block int)) (err error) {
	defer caught(&err)
	advanced, err := w.index.Advanced()
	if err != nil {
		return err
	}
	r, err := advanced.Reader()
	if err != nil {
		return err
	}
	defer r.Close()
	add := func(term string, into func(block int)) error {
		postings, err := r.TermFieldReader(ctx, []byte(term), field, false, false, false)
		if err != nil {
			return err
		}
		defer postings.Close()
		for {
			doc, err := postings.Next(nil)
			if err != nil || doc == nil {
				return err
			}
			id, err := r.ExternalID(doc.ID)
			if err != nil {
				return err
			}
			if n, err := strconv.Atoi(id); err == nil && n >= 0 && n < blocks {
				into(n)
			}
		}
	}
	if like == nil {
		return add(word, func(block int) { found(word, block) })
	}
	dict, err := r.FieldDict(field)
	if err != nil {
		return err
	}
	defer dict.Close()
	for {
		entry, err := dict.Next()
		if err != nil || entry == nil {
			return err
		}
		if !like(entry.Term) {
			continue
		}
		term := entry.Term
		if err := add(term, func(block int) { found(term, block) }); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}
