package redact

import (
	"bytes"
	"context"
	"io"

	"oxtail/parser/regfile"
)

// Strip copies an input as it is, but for the secured values of a registry export, which
// leave a computer in no case.
func Strip(ctx context.Context, out io.Writer, in io.Reader) error {
	var head bytes.Buffer
	if _, err := io.CopyN(&head, in, headBytes); err != nil && err != io.EOF {
		return err
	}
	whole := io.MultiReader(bytes.NewReader(head.Bytes()), in)
	x, err := openInput(io.MultiReader(bytes.NewReader(head.Bytes())))
	if err != nil || !regfile.Detect(x.head) {
		_, err := io.Copy(out, whole)
		return err
	}
	if x, err = openInput(whole); err != nil {
		return err
	}
	if _, err := out.Write(x.mark); err != nil {
		return err
	}
	s := &scanner{t: tables(), keys: keywords(), counts: Counts{}, strip: true}
	return x.sequential(ctx, newRegText(s, nil), out)
}
