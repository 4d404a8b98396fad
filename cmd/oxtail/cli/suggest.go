package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// nearest returns the candidate that a mistyped word most likely means, or "". A
// word may differ by a third of its letters, at most three.
func nearest(word string, candidates []string) string {
	best, bestDistance := "", min(3, max(1, len(word)/3))+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	if best == "" && len(word) >= 2 {
		for _, c := range candidates {
			if strings.HasPrefix(strings.ToLower(c), strings.ToLower(word)) {
				return c
			}
		}
	}
	return best
}

// distance is the number of letters to insert, delete, replace or swap with their
// neighbour to turn a into b.
func distance(a, b string) int {
	before, row, next := []int(nil), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, make([]int, len(b)+1)
	}
	return row[len(b)]
}

// unknownCommand is the error for a word that is no command, with the likely one.
func unknownCommand(cmd *cobra.Command, word string) error {
	err := fmt.Errorf("unknown command %q", strings.TrimSpace(cmd.CommandPath()+" "+word))
	var names []string
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	if n := nearest(word, names); n != "" {
		return withHint(err, fmt.Sprintf("did you mean %s %s?", cmd.CommandPath(), n))
	}
	return withHint(err, "see "+cmd.CommandPath()+" --help")
}

// flagError adds the likely flag to an error about an unknown one.
func flagError(cmd *cobra.Command, err error) error {
	var missing *pflag.NotExistError
	if !errors.As(err, &missing) {
		if len(hints(err)) > 0 {
			return err
		}
		return withHint(err, "see "+cmd.CommandPath()+" --help")
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if n := nearest(missing.GetSpecifiedName(), names); n != "" {
		return withHint(err, "did you mean --"+n+"?")
	}
	return withHint(err, "see "+cmd.CommandPath()+" --help")
}

// unknownValue is the error for a word that is not one of those that a flag knows.
func unknownValue(what, got string, known []string) error {
	err := fmt.Errorf("unknown %s %q; want one of %s", what, got, strings.Join(known, ", "))
	if n := nearest(got, known); n != "" {
		return withHint(err, fmt.Sprintf("did you mean %s?", n))
	}
	return err
}

// oneOf is the value of a flag that knows its words. It implements pflag.Value.
type oneOf struct {
	value string
	known []string
}

// newOneOf returns a flag value that starts as its default.
func newOneOf(def string, known ...string) *oneOf { return &oneOf{def, known} }

// String returns the word.
func (o *oneOf) String() string { return o.value }

// Type names the value in help texts.
func (o *oneOf) Type() string { return "word" }

// Set takes a word; one that is not known is an error with a suggestion.
func (o *oneOf) Set(s string) error {
	if !slices.Contains(o.known, s) {
		return unknownValue("value", s, o.known)
	}
	o.value = s
	return nil
}

// complete offers the known words to the shell.
func (o *oneOf) complete(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return o.known, cobra.ShellCompDirectiveNoFileComp
}

// choice adds a flag that takes one of a few words, with completion. The usage ends
// in the list of words, unless that is long.
func choice(cmd *cobra.Command, name, usage string, o *oneOf) {
	const most = 8 // words; more make the line unreadable
	if len(o.known) <= most {
		usage += ": " + strings.Join(o.known, ", ")
	}
	cmd.Flags().Var(o, name, usage)
	if err := cmd.RegisterFlagCompletionFunc(name, o.complete); err != nil {
		panic("BUG: " + err.Error())
	}
}
