package applytest

import (
	"crypto/sha256"
	"encoding/hex"

	"oxtail/actions"
)

// headOf is the checksum of the first bytes, as plans have it.
func headOf(data []byte) string {
	sum := sha256.Sum256(data[:min(len(data), actions.HeadBytes)])
	return hex.EncodeToString(sum[:])
}
