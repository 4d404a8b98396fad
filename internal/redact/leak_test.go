package redact

import (
	"bytes"
	"context"
	"testing"

	"oxtail/internal/redact/plant"
)

// TestLeak plants names and secrets in every type of input and finds none afterwards.
func TestLeak(t *testing.T) {
	set := plant.New()
	if n := len(set.Secrets()); n < 200 {
		t.Fatalf("%d plants; want 200", n)
	}
	finder := set.Finder()
	for _, opts := range []Options{{Jobs: 2}, {UUIDs: true, Jobs: 1}} {
		c := newCase(t, opts)
		inputs := set.Inputs()
		for _, in := range inputs {
			if !opts.UUIDs && len(finder.Find(in.Data)) == 0 {
				t.Fatalf("%s: the finder finds nothing in what was planted", in.Name)
			}
			if err := c.Learn(context.Background(), bytes.NewReader(in.Data)); err != nil {
				t.Fatalf("%s: %v", in.Name, err)
			}
		}
		r, err := c.Seal()
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range inputs {
			var out bytes.Buffer
			if _, err := r.Copy(context.Background(), &out, bytes.NewReader(in.Data)); err != nil {
				t.Fatalf("%s: %v", in.Name, err)
			}
			for _, leak := range finder.Find(out.Bytes()) {
				t.Errorf("%s: %s", in.Name, leak)
			}
			if got, want := bytes.Count(out.Bytes(), []byte("\n")), bytes.Count(in.Data, []byte("\n")); got != want {
				t.Errorf("%s: %d lines; want %d", in.Name, got, want)
			}
		}
		var key bytes.Buffer
		if err := r.Key().Write(&key); err != nil {
			t.Fatal(err)
		}
		for _, p := range set.People {
			for _, secret := range []string{p.Password, p.Token, p.Session} {
				if bytes.Contains(key.Bytes(), []byte(secret)) {
					t.Errorf("the key holds the secret %q", secret)
				}
			}
		}
	}
}
