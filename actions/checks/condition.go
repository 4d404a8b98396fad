package checks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Condition is what values must be. All of its parts that are set must hold. A text
// that begins with $ is the name of a configured value.
type Condition struct {
	AtLeast  string   `yaml:"at-least"`   // a version
	Below    string   `yaml:"below"`      // a version
	MoreThan *int64   `yaml:"more-than"`  // a number
	Equals   string   `yaml:"equals"`     // a text; letter case does not matter
	OneOf    []string `yaml:"one-of"`     // likewise
	NotOneOf []string `yaml:"not-one-of"` // likewise
	Begins   []string `yaml:"begins"`     // one of them
	InDomain string   `yaml:"in-domain"`  // account or computer: that of the value's domain and of the configured one
	None     bool     `yaml:"none"`       // there may be no value
	Count    *int     `yaml:"count"`      // so many values
	Same     string   `yaml:"same"`       // all values are equal: text, or release (first two numbers)
	Any      bool     `yaml:"any"`        // every value is good
}

// isZero reports whether nothing is demanded.
func (c *Condition) isZero() bool { return !c.isEach() && !c.isAll() && !c.Any }

// isEach reports whether the condition looks at single values.
func (c *Condition) isEach() bool {
	return c.AtLeast != "" || c.Below != "" || c.MoreThan != nil || c.Equals != "" || len(c.OneOf) > 0 || len(c.NotOneOf) > 0 ||
		len(c.Begins) > 0 || c.InDomain != ""
}

// isAll reports whether the condition looks at the values together.
func (c *Condition) isAll() bool { return c.None || c.Count != nil || c.Same != "" }

// judged is what a condition says of a value: good, bad, or open for want of something.
type judged struct {
	bad     bool
	open    bool
	plain   bool   // why only repeats the value, which stands in the evidence
	why     string // in words, for a bad one
	settles string
}

// judge holds a value against the parts that look at single values.
func (c *Condition) judge(v *Value, conf Config) judged {
	for _, part := range []func(*Value, Config) judged{c.judgeVersion, c.judgeNumber, c.judgeText, c.judgeDomain} {
		j := part(v, conf)
		if j.bad && Redacted(v.Is) {
			j = judged{open: true, settles: settlesRedacted}
		}
		if j.bad || j.open {
			return j
		}
	}
	return judged{}
}

func (c *Condition) judgeVersion(v *Value, conf Config) judged {
	if c.AtLeast == "" && c.Below == "" {
		return judged{}
	}
	is, ok := ParseVersion(v.Is)
	if !ok {
		return judged{open: true, settles: fmt.Sprintf("%q is no version of numbers", v.Is)}
	}
	least := c.AtLeast == ""
	text, settles := conf.resolve(c.AtLeast + c.Below)
	if settles != "" {
		return judged{open: true, settles: settles}
	}
	want, ok := ParseVersion(text)
	switch {
	case !ok:
		return judged{open: true, settles: fmt.Sprintf("the configured %q is no version of numbers", text)}
	case !least && CompareVersions(is, want) < 0:
		return judged{bad: true, why: fmt.Sprintf("%s < %s", v.Is, text)}
	case least && CompareVersions(is, want) >= 0:
		return judged{bad: true, why: fmt.Sprintf("%s is not below %s", v.Is, text)}
	}
	return judged{}
}

func (c *Condition) judgeNumber(v *Value, _ Config) judged {
	if c.MoreThan == nil {
		return judged{}
	}
	n, err := strconv.ParseInt(v.Is, 10, 64)
	if err != nil {
		return judged{bad: true, why: fmt.Sprintf("%q is no number", v.Is)}
	}
	if n <= *c.MoreThan {
		return judged{bad: true, why: fmt.Sprintf("%d is not more than %d", n, *c.MoreThan)}
	}
	return judged{}
}

func (c *Condition) judgeText(v *Value, conf Config) judged {
	wanted := slices.Clone(c.OneOf)
	if c.Equals != "" {
		wanted = append(wanted, c.Equals)
	}
	var texts []string
	for _, w := range wanted {
		text, settles := conf.resolve(w)
		if settles != "" {
			return judged{open: true, settles: settles}
		}
		texts = append(texts, text)
	}
	is := strings.TrimSpace(v.Is)
	same := func(text string) bool { return strings.EqualFold(text, is) }
	switch {
	case len(texts) > 0 && !slices.ContainsFunc(texts, same):
		return judged{bad: true, plain: true, why: fmt.Sprintf("%q is not %s", is, strings.Join(texts, " or "))}
	case slices.ContainsFunc(c.NotOneOf, same):
		return judged{bad: true, plain: true, why: is}
	case len(c.Begins) > 0 && !slices.ContainsFunc(c.Begins, func(b string) bool { return strings.HasPrefix(strings.ToLower(is), strings.ToLower(b)) }):
		return judged{bad: true, why: fmt.Sprintf("%q begins otherwise", is)}
	}
	return judged{}
}

// judgeDomain compares the domain of an account or computer with that of Exchange.
func (c *Condition) judgeDomain(v *Value, conf Config) judged {
	switch c.InDomain {
	case "account":
		return conf.accountInDomain(v.Is)
	case "computer":
		return conf.computerInDomain(v.Is)
	}
	return judged{}
}

// judgeAll holds the values together against the condition; there is at least one.
func (c *Condition) judgeAll(values []Value) judged {
	var different []string
	for _, v := range values {
		key := strings.ToLower(v.Is)
		if c.Same == "release" {
			key = Release(key)
		}
		different = appendNew(different, key)
	}
	switch {
	case c.None:
		return judged{bad: true}
	case c.Same != "" && len(different) > 1:
		return judged{bad: true, why: fmt.Sprintf("%d different ones: %s", len(different), strings.Join(different, ", "))}
	case c.Count != nil && len(values) != *c.Count:
		return judged{bad: true, why: fmt.Sprintf("%d instead of %d", len(values), *c.Count)}
	}
	return judged{}
}
