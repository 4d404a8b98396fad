package redact

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"oxtail/internal/redact/plant"
	"oxtail/parser/regfile"
)

func TestEveryPlantIsPlanted(t *testing.T) {
	set := plant.New()
	log := strings.ToLower(set.Log())
	for _, p := range set.Secrets() {
		mail, _, _ := strings.Cut(p, "@")
		if !strings.Contains(log, strings.ToLower(p)) && !strings.Contains(log, strings.ToLower(mail)) {
			t.Errorf("%q stands nowhere", p)
		}
	}
}

// TestRegStaysReadable holds that a redacted export has the same keys and values.
func TestRegStaysReadable(t *testing.T) {
	for _, in := range plant.New().Inputs()[:2] {
		out := redactAll(t, newCase(t, Options{}), string(in.Data))[0]
		before, err := regfile.Parse(in.Data)
		if err != nil {
			t.Fatal(err)
		}
		after, err := regfile.Parse([]byte(out))
		if err != nil {
			t.Fatal(err)
		}
		if len(after.Problems) != 0 || after.Keys != before.Keys || after.Values != before.Values {
			t.Errorf("%s: %d keys, %d values, problems %v; want %d, %d, none", in.Name, after.Keys, after.Values, after.Problems, before.Keys, before.Values)
		}
	}
}

func TestSecuredValueKeepsItsLength(t *testing.T) {
	in := "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\p]\r\n\"S0102663a\"=hex:67,65,68,\\\r\n  65,69,6d\r\n\"01026611\"=hex(3):67\r\n\"001e6704\"=\"geheim\"\r\n\"Password\"=dword:67656865\r\n"
	want := "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\p]\r\n\"S0102663a\"=hex:00,00,00,\\\r\n  00,00,00\r\n\"01026611\"=hex(3):00\r\n\"001e6704\"=\"[removed:secured]\"\r\n\"Password\"=dword:00000000\r\n"
	if got := redactAll(t, newCase(t, Options{}), in)[0]; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestSameKeySameNames holds that a case may go on later, and that what was redacted
// stays as it is.
func TestSameKeySameNames(t *testing.T) {
	c := newCase(t, Options{})
	first := redactAll(t, c, "user=anna host=pc17\n")[0]
	var file bytes.Buffer
	if err := c.names.key.Write(&file); err != nil {
		t.Fatal(err)
	}
	key, err := ReadKey(&file)
	if err != nil {
		t.Fatal(err)
	}
	second := redactAll(t, New(key, Options{}), first+"user=bruno host=PC17 by Anna\n")[0]
	if want := first + "user=user-2 host=host-1 by user-1\n"; second != want {
		t.Errorf("got %q; want %q", second, want)
	}
}

func TestReadKey(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{}`, "schema"},
		{`x`, "is no redaction key"},
		{`{"schema":"oxtail.redaction-key/v1","seed":"00"}`, "seed"},
		{`{"schema":"oxtail.redaction-key/v1","seed":"00112233445566778899aabbccddeeff","names":[{"kind":"user","n":1,"text":"a"},{"kind":"user","n":1,"text":"b"}]}`, "user-1"},
		{`{"schema":"oxtail.redaction-key/v1","seed":"00112233445566778899aabbccddeeff","names":[{"kind":"user","n":0,"text":"a"}]}`, "user-0"},
	} {
		if _, err := ReadKey(strings.NewReader(c.in)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("ReadKey(%s) = %v; want an error with %q", c.in, err, c.want)
		}
	}
}

func TestRestore(t *testing.T) {
	for _, opts := range []Options{{}, {UUIDs: true}} {
		c := newCase(t, opts)
		in := "user=anna opened \\\\pc17\\x of anna@kunde.de, password=geheim\n" +
			"UUID 5d1c2a40-7b10-4c55-9e01-000000000001 {5D1C2A40-7B10-4C55-9E01-000000000001} 5d1c2a407b104c559e01000000000001\n"
		reg := "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\p\\5d1c2a407b104c559e01000000000001]\r\n\"001f6610\"=hex:" + hexText("C:\\Users\\anna\\x.ost") + "\r\n\"01023d0e\"=hex:5d,1c,2a,40,7b,10,4c,55,9e,01,00,00,00,00,00,01\r\n"
		out := redactAll(t, c, in, reg)
		if opts.UUIDs == strings.Contains(out[0]+out[1], "5d1c2a40") || opts.UUIDs == strings.Contains(out[1], "5d,1c,2a") {
			t.Errorf("UUIDs: %v, output %s", opts.UUIDs, out)
		}
		r, err := NewRestorer(c.names.key)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{strings.Replace(in, "geheim", "[removed:password]", 1), reg} {
			var back bytes.Buffer
			if err := r.Copy(context.Background(), &back, strings.NewReader(out[i])); err != nil {
				t.Fatal(err)
			}
			if back.String() != want {
				t.Errorf("restored %q\nwant     %q\nfrom     %q", back.String(), want, out[i])
			}
		}
	}
}

func hexText(s string) string {
	var parts []string
	for _, c := range append([]byte(s), 0) {
		parts = append(parts, fmt.Sprintf("%02x,00", c))
	}
	return strings.Join(parts, ",")
}

func TestBinaryIsRefused(t *testing.T) {
	for _, in := range []string{"regf\x01\x00", "!BDN\x00", "PK\x03\x04x", "\x1f\x8b\x08\x00", "ElfFile\x00", "MZ\x90\x00\x03", strings.Repeat("\x01\x02\x03\x04", 400)} {
		c := newCase(t, Options{})
		if err := c.Learn(context.Background(), strings.NewReader(in)); !errors.Is(err, ErrBinary) {
			t.Errorf("Learn(%q) = %v; want ErrBinary", in[:4], err)
		}
		r, err := c.Seal()
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if _, err := r.Copy(context.Background(), &out, strings.NewReader(in)); !errors.Is(err, ErrBinary) || out.Len() > 0 {
			t.Errorf("Copy(%q) = %v, %d bytes; want ErrBinary and none", in[:4], err, out.Len())
		}
	}
}

func TestWeakNames(t *testing.T) {
	out := redactAll(t, newCase(t, Options{}), "opened kunde\\bertram and mail7.kunde.firma.xyz\nuser=KUNDE\\anna\nx@kunde.firma.xyz\n")[0]
	want := "opened org-1\\user-3 and host-1.domain-1.invalid\nuser=org-1\\user-1\nuser-2@org-1.domain-1.invalid\n"
	if out != want {
		t.Errorf("got  %q\nwant %q", out, want)
	}
}

// FuzzRedact holds that no input makes a panic, changes the number of lines, or keeps
// a name that a certain place gives.
func FuzzRedact(f *testing.F) {
	for _, in := range plant.New().Inputs() {
		f.Add(in.Data[:min(len(in.Data), 3000)])
	}
	f.Add([]byte("user,password\n\"a\nb\",x\n"))
	f.Add([]byte("\\\\\\\\a@b.c<d@e.f> %4 \\u00 &#x; {SU:} [::1 ://@ S-1-5-21-1-2-3"))
	f.Fuzz(func(t *testing.T, in []byte) {
		c := newCase(t, Options{UUIDs: len(in)%2 == 0})
		if err := c.Learn(context.Background(), bytes.NewReader(in)); err != nil {
			return
		}
		r, err := c.Seal()
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if _, err := r.Copy(context.Background(), &out, bytes.NewReader(in)); err != nil {
			t.Fatal(err)
		}
		back, err := NewRestorer(c.names.key)
		if err != nil {
			t.Fatal(err)
		}
		var restored bytes.Buffer
		if err := back.Copy(context.Background(), &restored, bytes.NewReader(out.Bytes())); err != nil && !errors.Is(err, ErrBinary) {
			t.Fatal(err)
		}
		if !bytes.Contains(in, []byte{0}) && bytes.Count(out.Bytes(), []byte("\n")) != bytes.Count(in, []byte("\n")) {
			t.Errorf("%d lines become %d", bytes.Count(in, []byte("\n")), bytes.Count(out.Bytes(), []byte("\n")))
		}
	})
}
