package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestCurrent: what go build takes is what this program makes.
func TestCurrent(t *testing.T) {
	for arch, name := range files() {
		want, err := object(arch)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("..", "oxtail", name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("cmd/oxtail/%s is not current (%v): run go generate ./cmd/oxtail", name, err)
		}
		for _, text := range []string{
			`supportedOS Id="{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"`, `requestedExecutionLevel level="asInvoker"`, "longPathAware",
		} {
			if !bytes.Contains(want, []byte(text)) {
				t.Errorf("%s has no %s", name, text)
			}
		}
		if bytes.Contains(want, []byte("activeCodePage")) {
			t.Errorf("%s sets a code page", name)
		}
	}
}
