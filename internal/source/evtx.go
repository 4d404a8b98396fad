package source

import (
	"errors"
	"io"

	"oxtail/parser/evtx"
)

// eventLog gives the text of a Windows event log, its events as XML; package evtx says
// why not its bytes. Offsets of the stream count that text, so there is no random
// access to it, and its size is not known beforehand.
func (w *walker) eventLog(o *origin, look look) error {
	once := o.once // a pipe: what was unpacked of it is gone when the walk ends
	if err := w.makeRandom(o); err != nil {
		w.skip(o.path, err)
		return nil
	}
	text := *o
	text.size, text.at, text.once, text.derived = -1, nil, once, true
	at, path := o.at, o.path
	text.open = func() (io.ReadCloser, error) {
		ra, closer, err := at.open()
		if err != nil {
			return nil, err
		}
		log, err := evtx.Open(ra, at.n)
		if err != nil {
			return nil, errors.Join(err, closer.Close())
		}
		return &joined{Reader: eventText{evtx.NewText(log, nil), path}, c: closer}, nil
	}
	return w.give(&text, look, item{})
}

// An eventText gives damage of a log the form of an *Error.
type eventText struct {
	in   io.Reader
	path string
}

func (t eventText) Read(p []byte) (int, error) {
	n, err := t.in.Read(p)
	var damage *evtx.Damage
	if errors.As(err, &damage) {
		err = &Error{Path: t.path, Reason: ReasonDamaged, After: -1, Err: err,
			Remedy: "on the computer itself, export the log anew: wevtutil epl LOG FILE"}
	}
	return n, err
}
