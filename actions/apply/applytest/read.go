package applytest

import (
	"io"
	"testing"

	"oxtail/actions/apply"
)

// readAll reads a file of a machine.
func readAll(t *testing.T, m apply.Machine, path string) []byte {
	t.Helper()
	in, err := m.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close() // read only: nothing is lost when closing fails
	data, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
