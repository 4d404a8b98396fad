package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"oxtail/internal/report"
	"oxtail/parser/codes"
)

func newCodes(t *term) *cobra.Command {
	format := newOneOf("text", "text", "json")
	cmd := &cobra.Command{
		Use:   "codes [CODE|TEXT…]",
		Short: "Say what error codes mean",
		Long: `Says what error codes mean: name, meaning, usual verdict, remedy. Without a code it lists
all that it knows; with a word, those whose name or meaning holds it.

A code may be written in any way: 0x8004010F, 8004010f, -2147221233, SVL-0017, or a
vector such as [80040305-54A-4DE-1900]. All codes of a pasted line are looked up;
"-" reads text from standard input.

` + exitHelp,
		Example: "  oxtail codes 0x8004010F\n  oxtail codes \"[80040305-54A-4DE-1900]\"\n  oxtail codes store_full",
		RunE:    func(_ *cobra.Command, args []string) error { return runCodes(t, args, format.value) },
	}
	choice(cmd, "format", "how to print it", format)
	return cmd
}

// maxPasted bounds what is read from standard input, in bytes: a pasted log, not a file.
const maxPasted = 8 << 20

func runCodes(t *term, args []string, format string) error {
	if len(args) == 1 && args[0] == "-" {
		text, err := io.ReadAll(io.LimitReader(t.stdin, maxPasted))
		if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
		args = []string{string(text)}
	}
	if len(args) == 0 {
		return listCodes(t, codes.All(), format)
	}
	found := lookUp(strings.Join(args, " "), args)
	if len(found) == 0 {
		if named := namedCodes(strings.Join(args, " ")); len(named) > 0 {
			return listCodes(t, named, format)
		}
		return withHint(fmt.Errorf("no error code in %q", strings.Join(args, " ")), "write it as 0x8004010F, -2147221233, SVL-0017 or [80040305-54A-4DE-1900]")
	}
	if format == "json" {
		return writeCodes(found, func(c *report.Code) error { return report.WriteJSON(t.stdout, c) })
	}
	return writeCodes(found, func(c *report.Code) error { return report.WriteCode(t.stdout, c) })
}

func writeCodes(list []report.Code, write func(*report.Code) error) error {
	for i := range list {
		if err := write(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

// namedCodes finds the codes whose name or meaning holds a text.
func namedCodes(text string) []codes.Entry {
	text = strings.ToLower(strings.TrimSpace(text))
	return slices.DeleteFunc(codes.All(), func(e codes.Entry) bool {
		return !strings.Contains(strings.ToLower(e.Name+"\n"+e.Meaning), text)
	})
}

// listCodes writes one line for each code.
func listCodes(t *term, entries []codes.Entry, format string) error {
	list := make([]report.Code, len(entries))
	for i, e := range entries {
		list[i] = report.NewCode(e.Code)
	}
	if format == "json" {
		return writeCodes(list, func(c *report.Code) error { return report.WriteJSON(t.stdout, c) })
	}
	return report.WriteCodes(t.stdout, list)
}

// negativeCodes moves the negative numbers of "oxtail codes -2147221233" behind "--",
// where they are no flags.
func negativeCodes(args []string) []string {
	if len(args) == 0 || args[0] != "codes" {
		return args
	}
	var before, behind []string
	for _, a := range args {
		if _, err := strconv.ParseInt(a, 10, 64); err == nil && strings.HasPrefix(a, "-") {
			behind = append(behind, a)
		} else {
			before = append(before, a)
		}
	}
	if len(behind) == 0 {
		return args
	}
	return slices.Concat(before, []string{"--"}, behind)
}

// lookUp finds the codes of a text. A word that stands alone may be a code without
// any sign of one, as in "oxtail codes 8004010f".
func lookUp(text string, words []string) []report.Code {
	var found []codes.Code
	for _, w := range words {
		if c, ok := bare(strings.TrimSpace(w)); ok {
			found = append(found, c)
		}
	}
	for _, c := range codes.Find(text) {
		if !slices.Contains(found, c) {
			found = append(found, c)
		}
	}
	out := make([]report.Code, len(found))
	for i, c := range found {
		out[i] = report.NewCode(c)
	}
	if v, _, _, ok := codes.FindVector(text); ok && len(out) > 0 {
		out[0].Vector = v.Explain()
	}
	return out
}

// bare reads a word that is nothing but a number: hexadecimal with or without 0x,
// signed or unsigned decimal.
func bare(word string) (codes.Code, bool) {
	digits, isHex := strings.CutPrefix(strings.ToLower(word), "0x")
	if isHex || len(digits) == 8 {
		if v, err := strconv.ParseUint(digits, 16, 32); err == nil {
			return codes.FromHRESULT(uint32(v)), true
		}
	}
	if v, err := strconv.ParseInt(word, 10, 64); err == nil && v != 0 && v >= -1<<31 && v < 1<<32 {
		return codes.FromHRESULT(uint32(v)), true
	}
	return "", false
}
