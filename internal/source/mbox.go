package source

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"time"
)

// mbox gives the mails of a mailbox file as members.
func (w *walker) mbox(o *origin) error {
	ra, closer, ok := w.random(o)
	if !ok {
		return nil
	}
	defer closer.Close()
	spans, err := splitMbox(ra, o.at.n, w.opts.Budget.MaxMembers)
	if err != nil {
		w.skip(o.path, err)
	}
	for i, s := range spans {
		if !o.led.member() {
			w.skip(o.path, budgetError(o.path, "members", int64(w.opts.Budget.MaxMembers)))
			return nil
		}
		name := fmt.Sprintf("%d.eml", i+1)
		if !w.filter.wants(name, true) {
			continue
		}
		c := o.member(name, "", s.to-s.from, time.Time{})
		c.at = o.at.part(s.from, s.to-s.from)
		c.open = c.at.stream
		if err := w.enter(c); err != nil {
			return err
		}
	}
	return nil
}

// splitMbox finds the mails: each begins behind a line "From …" that is the
// first one or follows an empty line. One more than most is enough to know.
func splitMbox(ra io.ReaderAt, size int64, most int) ([]span, error) {
	in := bufio.NewReaderSize(io.NewSectionReader(ra, 0, size), mailLineBytes)
	var spans []span
	var at int64
	empty, lineStart := true, true
	for {
		line, err := in.ReadSlice('\n')
		if lineStart && empty && bytes.HasPrefix(line, []byte("From ")) {
			if n := len(spans); n > 0 {
				spans[n-1].to = at
			}
			if len(spans) > most {
				return spans, nil
			}
			spans = append(spans, span{at + int64(len(line)), size})
		}
		empty = lineStart && len(bytes.TrimRight(line, "\r\n")) == 0
		at += int64(len(line))
		lineStart = err == nil
		if err == io.EOF {
			return spans, nil
		}
		if err != nil && err != bufio.ErrBufferFull {
			return spans, err
		}
	}
}
