package evtx

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oxtail/parser/evtx/evtxtest"
)

// chunkOf returns a chunk of n events that all have the same binary XML. shared stands
// in the first one, behind its XML; xml is told where that is.
func chunkOf(n int, shared []byte, xml func(sharedAt int) []byte) []byte {
	le := binary.LittleEndian
	c := make([]byte, chunkBytes)
	copy(c, ChunkMagic)
	at, sharedAt := chunkHeadBytes, chunkHeadBytes+eventHeadBytes+len(xml(0))
	for i := range n {
		body := xml(sharedAt)
		if i == 0 {
			body = append(body, shared...)
		}
		size := eventMinBytes + len(body)
		if at+size > chunkBytes {
			break
		}
		copy(c[at:], eventMagic)
		le.PutUint32(c[at+4:], uint32(size))
		le.PutUint64(c[at+8:], uint64(i+1))
		copy(c[at+eventHeadBytes:], body)
		le.PutUint32(c[at+size-4:], uint32(size))
		at += size
		le.PutUint64(c[32:], uint64(i+1))
	}
	le.PutUint64(c[24:], 1)
	le.PutUint32(c[48:], uint32(at))
	evtxtest.Seal(c)
	return c
}

// template returns a template with the binary XML in body.
func template(body []byte) []byte {
	out := make([]byte, templateHead, templateHead+len(body))
	binary.LittleEndian.PutUint32(out[templateHead-4:], uint32(len(body)))
	return append(out, body...)
}

// instance returns an instance of the template at an offset, with one value.
func instance(at int, kind byte, value []byte) []byte {
	le := binary.LittleEndian
	b := append([]byte{tokenTemplate, 1, 0, 0, 0, 0}, le.AppendUint32(nil, uint32(at))...)
	b = le.AppendUint32(b, 1)
	b = le.AppendUint16(b, uint16(len(value)))
	return append(append(b, kind, 0), value...)
}

// bomb returns a chunk of n events whose templates stand in each other: levels of values
// of binary XML, each of which a template repeats often times.
func bomb(n, levels, often int) []byte {
	body := []byte(strings.Repeat(string([]byte{tokenSubst, 0, 0, kindXML}), often))
	return chunkOf(n, template(body), func(at int) []byte {
		value := []byte{tokenCDATA, 8, 0}
		value = append(value, evtxtest.UTF16("bombbomb")...)
		for range levels {
			value = instance(at, kindXML, value)
		}
		return append(value, tokenEnd)
	})
}

// nulBomb returns a chunk in which a template repeats a long text that is nothing but
// NULs: much work that gives nothing.
func nulBomb() []byte {
	body := []byte(strings.Repeat(string([]byte{tokenSubst, 0, 0, kindString}), 2000))
	return chunkOf(2, template(body), func(at int) []byte {
		return append(instance(at, kindString, make([]byte, 20_000)), tokenEnd)
	})
}

// TestBombs reads chunks that unfold to more than memory holds.
func TestBombs(t *testing.T) {
	deep := chunkOf(1, nil, func(at int) []byte {
		first := "\x01\x00\x00\x00\x00\x21\x02\x00\x00" + "\x00\x00\x00\x00\x00\x00\x01\x00a\x00\x00\x00\x02" // the name stands at 0x221
		return []byte(first + strings.Repeat("\x01\x00\x00\x00\x00\x21\x02\x00\x00\x02", 1000))
	})
	for _, c := range []struct {
		name  string
		chunk []byte
		want  error
	}{
		{"templates in templates", bomb(200, 3, 2000), errTooLong},
		{"chunk of them", bomb(200, 3, 2000), errTooMuch},
		{"many levels", bomb(200, 60, 30), errTooDeep},
		{"NULs", nulBomb(), errTooMuch},
		{"element in element", deep, errTooDeep},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := append(evtxtest.Log(), c.chunk...)
			start := time.Now()
			check(t, log)
			events, damage := readAll(t, log)
			if damage == nil || !strings.Contains(problems(events), c.want.Error()) {
				t.Errorf("problems are %s, damage %v; want %v", problems(events), damage, c.want)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// problems returns the different problems of events.
func problems(events []Event) string {
	var out []string
	for _, e := range events {
		if !slices.Contains(out, e.Problem) {
			out = append(out, e.Problem)
		}
	}
	return strings.Join(out, "; ")
}

// mutants calls f with damaged copies of a log, the same ones in each run.
func mutants(data []byte, n int, f func(name string, log []byte)) {
	seed := uint64(1)
	random := func(below int) int {
		seed = seed*6364136223846793005 + 1442695040888963407
		return int(seed>>33) % below
	}
	for i := range n {
		log := append([]byte(nil), data...)
		for range 8 {
			at := random(len(log))
			switch random(3) {
			case 0:
				log[at] ^= 1 << random(8)
			case 1:
				log[at] = byte(random(256))
			default:
				log[at] = 0xff
			}
		}
		f(fmt.Sprintf("edits %d", i), log)
		seal(log)
		f(fmt.Sprintf("edits %d with good checksums", i), log)
	}
	for i := range n {
		f(fmt.Sprintf("cut %d", i), data[:len(data)*i/n])
	}
}

// seal mends all checksums of a log.
func seal(log []byte) {
	if len(log) < evtxtest.HeaderBytes {
		return
	}
	evtxtest.SealHeader(log)
	for at := evtxtest.HeaderBytes; at+evtxtest.ChunkBytes <= len(log); at += evtxtest.ChunkBytes {
		evtxtest.Seal(log[at : at+evtxtest.ChunkBytes])
	}
}

func TestMutants(t *testing.T) {
	full := evtxtest.Log(alerts(1, 90), alerts(91, 180))
	logs := map[string][]byte{"built": full}
	names, _ := filepath.Glob(filepath.Join(sampleDir, "*.evtx"))
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		logs[filepath.Base(name)] = data
	}
	for name, data := range logs {
		t.Run(name, func(t *testing.T) {
			n := min(100, 20_000_000/len(data))
			mutants(data, n, func(what string, log []byte) {
				start := time.Now()
				check(t, log)
				if took := time.Since(start); took > 5*time.Second {
					t.Errorf("%s took %v", what, took)
				}
			})
		})
	}
}
