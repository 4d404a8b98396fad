package redact

import (
	"context"
	"crypto/cipher"
	"io"
	"regexp"
)

// A Restorer puts names back for their pseudonyms. Secrets stay removed.
type Restorer struct {
	key   *Key
	names map[string]string // pseudonym → name
	block cipher.Block
}

// pseudonyms finds what may be a pseudonym.
var pseudonyms = regexp.MustCompile(`\b(?:domain-[1-9][0-9]*\.invalid|(?:user|mailbox|host|org|subject|ip|name)-[1-9][0-9]*|S-1-5-21-0-0-[1-9][0-9]*)\b`)

// uuidText finds UUIDs in their two spellings.
var uuidText = regexp.MustCompile(`\b(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{32})\b`)

// NewRestorer returns the way back of a case.
func NewRestorer(key *Key) (*Restorer, error) {
	block, err := key.cipher()
	if err != nil {
		return nil, err
	}
	r := &Restorer{key: key, names: make(map[string]string, len(key.Names)), block: block}
	for _, n := range key.Names {
		r.names[pseudonym(n.Kind, n.N)] = n.Text
	}
	return r, nil
}

// Copy writes one input with its names put back.
func (r *Restorer) Copy(ctx context.Context, out io.Writer, in io.Reader) error {
	x, err := openInput(in)
	if err != nil {
		return err
	}
	if _, err := out.Write(x.mark); err != nil {
		return err
	}
	s := &scanner{t: tables(), keys: keywords(), back: r}
	if f := x.form(s, nil); f != nil {
		return x.sequential(ctx, f, out)
	}
	return parallel(ctx, x, 1, func(raw []byte) []byte {
		return x.redact(&scanner{t: s.t, keys: s.keys, back: r}, raw)
	}, func(text []byte) error {
		_, err := out.Write(text)
		return err
	})
}

// Text puts the names of a text back.
func (r *Restorer) Text(text string) string { return string(r.text([]byte(text))) }

func (r *Restorer) text(text []byte) []byte {
	text = pseudonyms.ReplaceAllFunc(text, func(p []byte) []byte {
		if name, ok := r.names[string(p)]; ok {
			return []byte(name)
		}
		return p
	})
	if !r.key.UUIDs {
		return text
	}
	return uuidText.ReplaceAllFunc(text, func(u []byte) []byte {
		if out, ok := mapUUID(string(u), r.block.Decrypt); ok {
			return []byte(out)
		}
		return u
	})
}

// uids is the way back for ids in binary data: a key does not list them, so those of lists
// of ids only, whose length is a multiple of 16, are changed.
func (r *Restorer) uids(data []byte) {
	if len(data) == 0 || len(data)%16 != 0 {
		return
	}
	for i := 0; i < len(data); i += 16 {
		if !isWellKnown(data[i : i+16]) {
			r.block.Decrypt(data[i:i+16], data[i:i+16])
		}
	}
}
