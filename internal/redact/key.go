package redact

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// SchemaKey names the form of key files.
const SchemaKey = "oxtail.redaction-key/v1"

// SeedBytes is the length of the seed of a case.
const SeedBytes = 16

// A Key is what leads from pseudonyms back to names. It never leaves the customer, and
// holds no secret: those are gone.
type Key struct {
	Schema string `json:"schema"`
	Seed   string `json:"seed"`  // 32 hexadecimal digits; UUIDs are changed with it
	UUIDs  bool   `json:"uuids"` // UUIDs of the case were changed
	Names  []Name `json:"names"` // in the order of their first places
	Taken  []Name `json:"taken"` // pseudonyms that stood in the inputs before; never given
}

// A Name is one name and its number.
type Name struct {
	Kind Kind   `json:"kind"`
	N    int    `json:"n"`
	Text string `json:"text,omitempty"` // as first seen

	// Context is set if the name is replaced only where its place tells what it is:
	// it is a common word, or was met in an uncertain place.
	Context bool `json:"context,omitempty"`
}

// NewKey returns the key of a new case. The seed is SeedBytes random bytes.
func NewKey(seed []byte) (*Key, error) {
	if len(seed) != SeedBytes {
		return nil, fmt.Errorf("seed of %d bytes; want %d", len(seed), SeedBytes)
	}
	return &Key{Schema: SchemaKey, Seed: hex.EncodeToString(seed), Names: []Name{}, Taken: []Name{}}, nil
}

// ReadKey reads a key file.
func ReadKey(r io.Reader) (*Key, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxKeyBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxKeyBytes {
		return nil, fmt.Errorf("larger than %d bytes", maxKeyBytes)
	}
	var k Key
	if err := json.Unmarshal(data, &k); err != nil {
		return nil, fmt.Errorf("is no redaction key: %w", err)
	}
	if k.Schema != SchemaKey {
		return nil, fmt.Errorf("is no redaction key: schema %q; want %q", k.Schema, SchemaKey)
	}
	return &k, k.check()
}

// check finds what would make a key ambiguous.
func (k *Key) check() error {
	if _, err := k.cipher(); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, n := range k.Names {
		id := pseudonym(n.Kind, n.N)
		if n.N < 1 || n.Text == "" || seen[id] || strings.ContainsAny(n.Text, "\r\n") {
			return fmt.Errorf("is a damaged redaction key: %s is not usable", id)
		}
		seen[id] = true
	}
	return nil
}

// Write writes the key file.
func (k *Key) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	return e.Encode(k)
}

// cipher returns the permutation of UUIDs.
func (k *Key) cipher() (cipher.Block, error) {
	seed, err := hex.DecodeString(k.Seed)
	if err != nil || len(seed) != SeedBytes {
		return nil, errors.New("is a damaged redaction key: its seed is not 32 hexadecimal digits")
	}
	return aes.NewCipher(seed)
}

// pseudonym spells a name's pseudonym.
func pseudonym(k Kind, n int) string {
	switch k {
	case Domain:
		return "domain-" + strconv.Itoa(n) + ".invalid"
	case SID:
		return "S-1-5-21-0-0-" + strconv.Itoa(n)
	}
	return string(k) + "-" + strconv.Itoa(n)
}
