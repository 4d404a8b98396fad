package redact

import (
	"context"
	"crypto/cipher"
	"errors"
	"io"
	"strings"
)

// Options are the choices of a case. The zero value is good.
type Options struct {
	UUIDs bool // change UUIDs, too
	Jobs  int  // goroutines, 1 if zero
}

// A Case learns the names of all inputs. It is not safe for concurrent use.
type Case struct {
	names *names
	opts  Options
	loose *candidates
	uids  map[string]bool // ids of 16 bytes that are names of registry keys
}

// New starts a case with the names of its key, which grows.
func New(key *Key, opts Options) *Case {
	key.UUIDs = key.UUIDs || opts.UUIDs
	opts.UUIDs = key.UUIDs
	opts.Jobs = max(opts.Jobs, 1)
	return &Case{names: newNames(key), opts: opts, loose: newCandidates(), uids: map[string]bool{}}
}

// LearnName tells a name that is known for certain: the owner of a profile.
func (c *Case) LearnName(k Kind, text string) {
	found := newCandidates()
	if k == Host || k == Domain {
		found.host(strings.ToLower(strings.TrimSpace(text)))
	} else if !isNever(text) {
		found.add(k, text, false)
	}
	c.merge(found)
}

// LearnText learns from a text that is no file, such as a path.
func (c *Case) LearnText(text string) {
	found := newCandidates()
	s := c.scanner(found)
	s.plain(nil, []byte(text))
	c.merge(found)
}

// Learn learns from one input. What is no text is an [ErrBinary].
func (c *Case) Learn(ctx context.Context, in io.Reader) error {
	return c.eachChunk(ctx, in, func(found *candidates) { c.merge(found) })
}

func (c *Case) scanner(found *candidates) *scanner {
	return &scanner{t: tables(), keys: keywords(), learn: found, uuids: false}
}

// merge adds what one piece of input gave.
func (c *Case) merge(found *candidates) {
	for _, n := range found.used {
		c.names.take(n.Kind, n.N)
	}
	for _, n := range found.list {
		c.names.add(n.Kind, n.Text, n.Context)
	}
	for _, w := range found.loose {
		c.loose.weak(w)
	}
}

// Lost is how many names were over [MaxNames]: they are removed where their places tell
// what they are, and stay where nothing tells it.
func (c *Case) Lost() int { return c.names.lost }

// Seal ends the learning. Weak names whose domain is known now are names.
func (c *Case) Seal() (*Redactor, error) {
	domains := c.domains()
	found := newCandidates()
	for _, w := range c.loose.loose {
		if left, right, ok := strings.Cut(w, `\`); ok {
			if k := c.names.kind(left); k == Org || k == Host || k == Domain {
				found.add(User, right, false)
			}
			continue
		}
		lower := strings.ToLower(w)
		for at := strings.IndexByte(lower, '.'); at >= 0; {
			if _, ok := domains[lower[at+1:]]; ok {
				found.add(Host, lower[:at], isCommon(lower[:at]))
				break
			}
			next := strings.IndexByte(lower[at+1:], '.')
			if next < 0 {
				break
			}
			at += next + 1
		}
	}
	c.merge(found)
	block, err := c.names.key.cipher()
	if err != nil {
		return nil, err
	}
	r := &Redactor{key: c.names.key, names: c.names, dict: newDictionary(c.names.key), domains: domains, tops: map[string]bool{}, opts: c.opts, block: block, uids: c.uids}
	for d := range domains {
		r.tops[d[strings.LastIndexByte(d, '.')+1:]] = true
	}
	return r, nil
}

// domains returns the pseudonyms of the domains.
func (c *Case) domains() map[string]string {
	out := map[string]string{}
	for _, n := range c.names.key.Names {
		if n.Kind == Domain {
			out[fold(n.Text)] = pseudonym(Domain, n.N)
		}
	}
	return out
}

// A Redactor replaces the names of a case. It is safe for concurrent use.
type Redactor struct {
	key     *Key
	names   *names
	dict    *dictionary
	domains map[string]string // by folded name
	tops    map[string]bool   // last labels of domains
	opts    Options
	block   cipher.Block
	uids    map[string]bool
}

// Key returns the key of the case.
func (r *Redactor) Key() *Key { return r.key }

// Text redacts a text that is no file.
func (r *Redactor) Text(text string, counts Counts) string {
	return string(r.scanner(counts).plain(nil, []byte(text)))
}

// Path redacts a path: each part is a name of its own, and the whole has context.
func (r *Redactor) Path(path string, counts Counts) string {
	return r.Text(path, counts)
}

// Copy redacts one input. What is no text is an [ErrBinary], and nothing was written.
func (r *Redactor) Copy(ctx context.Context, out io.Writer, in io.Reader) (Counts, error) {
	counts := Counts{}
	err := r.eachChunk(ctx, out, in, counts)
	return counts, err
}

func (r *Redactor) scanner(counts Counts) *scanner {
	return &scanner{t: tables(), keys: keywords(), r: r, uuids: r.opts.UUIDs, counts: counts}
}

// ErrBinary says that an input is no text, and so cannot be redacted.
var ErrBinary = errors.New("is no text: it cannot be redacted")
