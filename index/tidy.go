package index

import (
	"context"

	"oxtail/parser"
)

// Tidy joins small segments when there are many. Everything must be committed.
func (w *Writer) Tidy(ctx context.Context, formats func(string) parser.Format) error {
	return nil
}
