package index

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"
	"unicode/utf8"

	"oxtail/index/query"
	"oxtail/parser"
)

// A view is a block open for matching. It implements query.Block and is used by one
// goroutine at a time.
type view struct {
	x       *Index
	source  *Source
	row     *entry
	cols    *columns
	text    []byte
	folded  []byte
	starts  []int32
	tags    map[int][]parser.Field
	records []*parser.Record
	format  parser.Format
	err     error // the first error in reading the text
	scope   *scope
	ref     ref
	scratch []byte // folded text of one record
}

var _ query.Block = (*view)(nil)

// nanoTime returns a time of the index.
func nanoTime(n int64) time.Time { return time.Unix(0, n).UTC() }

// view opens a block: its columns are read, its text when it is asked for.
func (x *Index) view(r ref) (*view, error) {
	row := r.row()
	v := &view{x: x, source: x.cat.Sources[r.source], row: row, scope: r.scope, ref: r}
	cols, err := r.scope.seg.read(nil, row.at+int64(row.textLen), row.colsLen, row.colsSum, x.zip)
	if err != nil {
		return nil, err
	}
	if v.cols, err = decodeColumns(cols, row.textSize); err != nil {
		return nil, fmt.Errorf("read %s, block %d: %w", r.scope.name, r.block, err)
	}
	if len(v.cols.times) != row.records {
		return nil, fmt.Errorf("read %s, block %d: %w", r.scope.name, r.block, errDamaged)
	}
	return v, nil
}

// loadText reads the text of the block. Without it the block counts as lost.
func (v *view) loadText() bool {
	if v.text != nil || v.err != nil {
		return v.err == nil
	}
	text, err := v.unpackText()
	if err == nil && (len(text) != v.row.textSize || len(v.cols.starts) != v.row.records+1) {
		err = fmt.Errorf("read %s: %w", v.scope.name, errDamaged)
	}
	v.text, v.err = text, err
	if v.text == nil {
		v.text = []byte{}
	}
	return err == nil
}

// unpackText returns the text of the block, and finds the starts of its records.
func (v *view) unpackText() ([]byte, error) {
	text, err := v.scope.seg.read(v.x.zip.buffer(min(v.row.textSize, blockBytes)), v.row.at, v.row.textLen, v.row.textSum, v.x.zip)
	if err != nil {
		return nil, err
	}
	if !v.cols.whole() {
		thin := text
		var ok bool
		if text, ok = v.cols.fill(v.x.zip.buffer(min(v.row.textSize, maxBlockText))[:0], thin, v.row.textSize); !ok {
			return nil, fmt.Errorf("read %s: %w", v.scope.name, errDamaged)
		}
		v.x.zip.recycle(thin)
	}
	if v.cols.starts == nil {
		v.cols.starts = lineStarts(text, v.row.records)
	}
	return text, nil
}

// Len implements query.Block.
func (v *view) Len() int { return v.row.records }

// Source implements query.Block.
func (v *view) Source() string { return v.source.Path }

// Format implements query.Block.
func (v *view) Format() string { return v.source.Format }

// Folded implements query.Block.
func (v *view) Folded() ([]byte, []int32) {
	if v.starts != nil {
		return v.folded, v.starts
	}
	v.starts = make([]int32, v.Len()+1)
	if !v.loadText() {
		return nil, v.starts
	}
	v.folded = v.x.zip.buffer(len(v.text))[:0]
	for i := range v.Len() {
		v.starts[i] = int32(len(v.folded))
		v.folded = query.Fold(v.folded, v.raw(i))
		v.folded = append(v.folded, '\n')
	}
	v.starts[v.Len()] = int32(len(v.folded))
	return v.folded, v.starts
}

// release gives the block's memory back. The block must not be used any more.
func (v *view) release() {
	v.x.zip.recycle(v.text)
	v.x.zip.recycle(v.folded)
	v.text, v.folded, v.starts, v.err = nil, nil, nil, errReleased
}

// errReleased is found when a block is used after its release.
var errReleased = errors.New("BUG: block was released")

// FoldedRecord implements query.Block.
func (v *view) FoldedRecord(i int) []byte {
	if v.starts != nil {
		return v.folded[v.starts[i]:v.starts[i+1]]
	}
	if !v.readable(i) {
		return nil
	}
	v.scratch = append(query.Fold(v.scratch[:0], v.raw(i)), '\n')
	return v.scratch
}

// Text implements query.Block.
func (v *view) Text(i int) []byte {
	if !v.readable(i) {
		return nil
	}
	raw := v.raw(i)
	if v.cols.kind == kindDecoded {
		return bytes.TrimSuffix(raw, []byte{'\n'})
	}
	line, ended := bytes.CutSuffix(raw, []byte{'\n'})
	if ended {
		line = bytes.TrimSuffix(line, []byte{'\r'})
	}
	if bytes.ContainsAny(line, "\n\r") || !utf8.Valid(line) || v.row.offset == 0 && i == 0 {
		return []byte(v.Record(i).Text) // several lines, or bytes to be decoded
	}
	return line
}

// readable reads the text of the block unless the record is held.
func (v *view) readable(i int) bool {
	if v.text == nil {
		if _, ok := v.cols.heldAt(i); ok {
			return v.err == nil
		}
	}
	return v.loadText()
}

// raw returns the text of a record as it is stored. It must be readable.
func (v *view) raw(i int) []byte {
	if v.text == nil {
		h, _ := v.cols.heldAt(i)
		return h.raw
	}
	return v.text[v.cols.starts[i]:v.cols.starts[i+1]]
}

// place returns where a record begins in a block of raw bytes, and the lines before it.
func (v *view) place(i int) (start int32, lines int) {
	if h, ok := v.cols.heldAt(i); ok {
		return h.start, h.line
	}
	start = v.cols.starts[i]
	return start, bytes.Count(v.text[:start], []byte{'\n'})
}

// Level implements query.Block.
func (v *view) Level(i int) parser.Level {
	return min(parser.Level(v.cols.states[i]&15), parser.LevelFatal)
}

// Time implements query.Block.
func (v *view) Time(i int) (int64, parser.TimeBasis) {
	return v.cols.times[i], min(parser.TimeBasis(v.cols.states[i]>>4), parser.TimeExact)
}

// Component implements query.Block.
func (v *view) Component(i int) string { return v.cols.comps.at(i) }

// Thread implements query.Block.
func (v *view) Thread(i int) string { return v.cols.threads.at(i) }

// Tags implements query.Block.
func (v *view) Tags(i int) []parser.Field {
	if v.tags == nil {
		v.tags = make(map[int][]parser.Field)
		for _, t := range v.cols.tags {
			v.tags[t.Record] = append(v.tags[t.Record], t.Field)
		}
		for i, fields := range v.x.labels[v.ref] {
			for _, f := range fields {
				if !slices.Contains(v.tags[i], f) {
					v.tags[i] = append(v.tags[i], f)
				}
			}
		}
	}
	return v.tags[i]
}

// Record implements query.Block. A record of a block that cannot be read is empty.
func (v *view) Record(i int) *parser.Record {
	if v.records == nil {
		v.records = make([]*parser.Record, v.Len())
		if f := v.x.opts.Formats; f != nil && v.source.Format != "" {
			v.format = f(v.source.Format)
		}
	}
	if v.records[i] == nil {
		v.records[i] = v.assemble(i)
	}
	return v.records[i]
}

func (v *view) assemble(i int) *parser.Record {
	r := &parser.Record{}
	if !v.readable(i) {
		return r
	}
	switch {
	case v.cols.kind == kindDecoded:
		r = v.cols.records[i]
		r.Text = string(bytes.TrimSuffix(v.raw(i), []byte{'\n'}))
		if r.Message == sameAsText {
			r.Message = r.Text
		}
	default:
		r = v.assembleRaw(i)
	}
	t, basis := v.Time(i)
	r.Basis, r.Level, r.Component, r.Thread = basis, v.Level(i), v.Component(i), v.Thread(i)
	if r.Time = (time.Time{}); basis != parser.TimeNone {
		r.Time = nanoTime(t)
	}
	return r
}

// assembleRaw makes a record of its raw bytes again.
func (v *view) assembleRaw(i int) *parser.Record {
	from, lines := v.place(i)
	at := parser.Place{Offset: v.row.offset + int64(from), Line: v.row.line + lines}
	src := parser.Source{Path: v.source.Path, ModTime: v.source.ModTime, ItemTime: v.source.ItemTime}
	raw := v.raw(i)
	if at.Offset == 0 {
		raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	}
	list := parser.Assemble(raw, at, v.format, src)
	if len(list) == 0 {
		return &parser.Record{Offset: at.Offset, Line: at.Line}
	}
	list[0].Raw = bytes.Clone(v.raw(i)) // the block may be released before the record
	return list[0]
}

// offset returns where a record begins in its source.
func (v *view) offset(i int) int64 {
	if v.cols.kind == kindDecoded {
		return v.cols.records[i].Offset
	}
	if h, ok := v.cols.heldAt(i); ok {
		return v.row.offset + int64(h.start)
	}
	if !v.loadText() {
		return v.row.offset
	}
	return v.row.offset + int64(v.cols.starts[i])
}

// indexOf returns the record that holds an offset of the source.
func (v *view) indexOf(offset int64) int {
	v.loadText()
	n := sort.Search(v.Len(), func(i int) bool { return v.offset(i) > offset })
	return max(0, n-1)
}

// A cache keeps the blocks that were looked at last.
type cache struct {
	mu    sync.Mutex
	views map[ref]*view
	order []ref
}

// cachedBlocks bounds the cache: 128 blocks are some 50 MB.
const cachedBlocks = 128

func newCache() *cache { return &cache{views: make(map[ref]*view)} }

// load returns a block, from the cache if it is there.
func (x *Index) load(r ref) (*view, error) {
	x.cache.mu.Lock()
	v := x.cache.views[r]
	x.cache.mu.Unlock()
	if v != nil {
		return v, nil
	}
	v, err := x.view(r)
	if err != nil {
		return nil, err
	}
	if !v.loadText() {
		return nil, v.err
	}
	x.keep(r, v)
	return v, nil
}

func (x *Index) keep(r ref, v *view) {
	x.cache.mu.Lock()
	defer x.cache.mu.Unlock()
	if x.cache.views[r] != nil {
		return
	}
	if len(x.cache.order) == cachedBlocks {
		delete(x.cache.views, x.cache.order[0])
		x.cache.order = x.cache.order[1:]
	}
	x.zip.recycle(v.folded)
	v.folded, v.starts, v.scratch = nil, nil, nil // half of its size, and only for matching
	x.cache.views[r] = v
	x.cache.order = append(x.cache.order, r)
}
