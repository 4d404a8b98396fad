package cli

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"oxtail/actions/checks"
	"oxtail/internal/report"
)

// maxAsked is how often a question is put again after an answer that is none.
const maxAsked = 3

// askAll asks a person what the results leave open, and adds the answers. The end of
// the input leaves the rest open.
func (t *term) askAll(set *checks.Set, results []checks.Result, answers checks.Answers) error {
	in := bufio.NewReader(t.stdin)
	for _, q := range open(set, results, answers) {
		t.line("", q.Key+"  "+q.Text)
		answer, err := t.askOne(in)
		if errors.Is(err, io.EOF) {
			t.sayf("no more answers; the other questions stay open")
			return nil
		}
		if err != nil {
			return err
		}
		if answer != "" {
			answers[q.Key] = checks.Answer{Answer: answer, Time: t.now().UTC().Format(time.RFC3339)}
		}
	}
	return nil
}

// open lists the questions of the results that need a person, without those answered.
func open(set *checks.Set, results []checks.Result, answers checks.Answers) []checks.Question {
	var out []checks.Question
	for i := range results {
		if results[i].Result == checks.NotApplicable || results[i].Result == checks.Pass {
			continue
		}
		for _, q := range set.Get(results[i].ID).Questions() {
			if _, answered := answers[q.Key]; !answered && slices.Contains(results[i].Questions, q.Text) {
				out = append(out, q)
			}
		}
	}
	return out
}

// askOne reads one answer; an empty line leaves the question open.
func (t *term) askOne(in *bufio.Reader) (string, error) {
	for range maxAsked {
		t.line("", "  [y]es, [n]o, [u]nknown, n/a, or Enter to leave it open:")
		line, err := in.ReadString('\n')
		if line = strings.TrimSpace(line); line == "" {
			return "", err
		}
		if word, ok := checks.ParseAnswer(line); ok {
			return word, nil
		}
		if err != nil {
			return "", err
		}
		t.sayf("%q is no answer", report.Plain(line))
	}
	return "", nil
}
