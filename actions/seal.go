package actions

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// Reasons why a plan is not carried out as it stands.
var (
	ErrNotSealed = errors.New("the plan has no digest: it was edited, or made by an older version")
	ErrEdited    = errors.New("the plan was edited after it was made: its digest does not fit")
)

// Seal notes which program made the plan and on whose evidence, and adds the digest
// that shows later whether the plan was edited. It must be the last change.
func (p *Plan) Seal(tool, computer string) error {
	p.Tool, p.Computer, p.Digest = tool, computer, ""
	digest, err := p.digest()
	p.Digest = digest
	return err
}

// CheckSeal fails with ErrNotSealed or ErrEdited. The digest is of the content, not of
// the bytes: blanks and the order of fields may differ.
func (p *Plan) CheckSeal() error {
	if p.Digest == "" {
		return ErrNotSealed
	}
	unsealed := *p
	unsealed.Digest = ""
	digest, err := unsealed.digest()
	if err != nil {
		return err
	}
	if digest != p.Digest {
		return ErrEdited
	}
	return nil
}

// digest is the checksum of the plan as a reader sees it: written and read once, so
// that what JSON cannot hold makes no difference.
func (p *Plan) digest() (string, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("seal plan: %w", err)
	}
	var read Plan
	if err := json.Unmarshal(data, &read); err != nil {
		return "", fmt.Errorf("seal plan: %w", err)
	}
	if data, err = json.Marshal(&read); err != nil {
		return "", fmt.Errorf("seal plan: %w", err)
	}
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}
