package checks

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// AnswersSchema names the JSON form of a file with answers.
const AnswersSchema = "oxtail.answers/v1"

// An Answer is what a person said to a question.
type Answer struct {
	Answer string `json:"answer" yaml:"answer"`               // yes, no, unknown, or n/a
	By     string `json:"by,omitempty" yaml:"by"`             // who
	Time   string `json:"time,omitempty" yaml:"time"`         // when, as written
	Note   string `json:"note,omitempty" yaml:"note"`         // in own words
	Text   string `json:"question,omitempty" yaml:"question"` // that was asked
}

// Words of Answer.Answer.
const (
	Yes        = "yes"
	No         = "no"
	DoNotKnow  = "unknown"
	NotForUs   = "n/a"
	maxAnswers = 1000 // there are some twenty questions
)

// Answers are answers by the key of their question.
type Answers map[string]Answer

// An AnswerFile is the form in which answers are saved.
type AnswerFile struct {
	Schema  string  `json:"schema"`
	Answers Answers `json:"answers"`
}

// ParseAnswers reads answers in JSON or YAML: an AnswerFile, or only keys with yes, no,
// unknown or n/a. Keys that no question of the set has are errors.
func (s *Set) ParseAnswers(data []byte) (Answers, error) {
	root, err := mapping(data)
	if err != nil {
		return nil, err
	}
	entries, err := answerEntries(root)
	if err != nil {
		return nil, err
	}
	out := Answers{}
	var errs []error
	for i := 0; i+1 < len(entries) && len(out) < maxAnswers; i += 2 {
		key, value := entries[i], entries[i+1]
		answer, err := parseAnswer(value)
		q, known := s.Question(key.Value)
		if err == nil && !known {
			err = fmt.Errorf("no check asks a question %q; keys are ids such as ENV011", key.Value)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("line %d: %w", key.Line, err))
			continue
		}
		out[q.Key] = answer
	}
	return out, errors.Join(errs...)
}

// answerEntries finds the keys with their answers.
func answerEntries(root *yaml.Node) ([]*yaml.Node, error) {
	entries := root.Content
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i].Value, root.Content[i+1]
		switch {
		case key == "schema" && value.Value != AnswersSchema:
			return nil, fmt.Errorf("line %d: schema is %q; want %q", value.Line, value.Value, AnswersSchema)
		case key == "answers" && value.Kind == yaml.MappingNode:
			entries = value.Content
		}
	}
	return entries, nil
}

// parseAnswer reads one answer: a word, or a map with it.
func parseAnswer(n *yaml.Node) (Answer, error) {
	var a Answer
	switch n.Kind {
	case yaml.ScalarNode:
		a.Answer = n.Value
	case yaml.MappingNode:
		if err := n.Decode(&a); err != nil {
			return a, err
		}
	}
	word, ok := ParseAnswer(a.Answer)
	if !ok {
		return a, fmt.Errorf("unexpected answer %q; want yes, no, unknown or n/a", a.Answer)
	}
	a.Answer = word
	return a, nil
}

// ParseAnswer reads the answer of a person, in English or German, whole or its first letter.
func ParseAnswer(text string) (string, bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "yes", "y", "true", "ja", "j":
		return Yes, true
	case "no", "n", "false", "nein":
		return No, true
	case "unknown", "u", "?", "unbekannt":
		return DoNotKnow, true
	case "n/a", "na", "-":
		return NotForUs, true
	}
	return "", false
}

// Question finds a question by its key, in any letter case.
func (s *Set) Question(key string) (Question, bool) {
	for _, c := range s.list {
		for _, q := range c.Questions() {
			if strings.EqualFold(q.Key, key) {
				return q, true
			}
		}
	}
	return Question{}, false
}
