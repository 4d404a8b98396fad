package lnav

import (
	"strconv"
	"strings"

	"oxtail/parser"
	"oxtail/parser/stamp"
)

// ignoredKeys are keys of lnav's format files (0.8 to 0.14) that say how to show a
// log, not how to read it.
const ignoredKeys = " url line-format hide-extra action search-table highlights tags partitions mime-types max-unrecognized-lines" +
	" ordered-by-time opid converter start-timestamp-field duration-field duration-divisor src-file-field src-line-field src-location-field" +
	" timestamp-point-of-reference sqlite-init "

// knownKeys are the keys that this package reads, for the remedy of a misspelt one.
const knownKeys = "title description regex file-type json timestamp-format timestamp-field time-field timestamp-divisor subsecond-field subsecond-units " +
	"level-field level-pointer level body-field module-field opid-field thread-id-field multiline convert-to-local-time file-pattern value sample oxtail"

// set reads one key of a format.
func (d *definition) set(m member) []error {
	if want, ok := containerKind(m.name); ok && m.value.kind != want {
		return []error{d.file.problem(m.value.at, "", "%s of format %s is %s, want %s", m.name, d.name, m.value.kind, want)}
	}
	switch m.name {
	case "regex":
		return d.setPatterns(m.value)
	case "level":
		return d.setLevels(m.value)
	case "sample":
		return d.setSamples(m.value)
	case "value":
		return d.setValues(m.value)
	case "timestamp-format":
		return d.setLayouts(m.value)
	case "oxtail":
		return d.setExtra(m.value)
	}
	if strings.Contains(ignoredKeys, " "+m.name+" ") {
		return nil
	}
	if err := d.setScalar(m); err != nil {
		return []error{err}
	}
	return nil
}

// containerKind returns the type of the keys that are lists or objects.
func containerKind(key string) (kind, bool) {
	switch key {
	case "regex", "level", "value", "oxtail":
		return objectKind, true
	case "sample", "timestamp-format":
		return arrayKind, true
	}
	return nullKind, false
}

// setScalar reads a key whose value is one text, number or truth value.
func (d *definition) setScalar(m member) error {
	v := m.value
	switch m.name {
	case "title":
		return d.textInto(v, &d.title)
	case "description":
		return d.textInto(v, &d.text)
	case "timestamp-field":
		return d.nameInto(v, &d.timestamp)
	case "body-field":
		return d.nameInto(v, &d.body)
	case "level-field":
		return d.nameInto(v, &d.levelField)
	case "time-field":
		return d.textInto(v, &d.timeField)
	case "module-field":
		return d.textInto(v, &d.component)
	case "opid-field":
		return d.textInto(v, &d.opid)
	case "thread-id-field":
		return d.textInto(v, &d.thread)
	case "subsecond-field":
		return d.textInto(v, &d.subsecond)
	case "multiline":
		return d.boolInto(v, &d.multiline)
	case "convert-to-local-time":
		return d.boolInto(v, &d.utc)
	}
	return d.setSpecial(m)
}

// setSpecial reads a key whose value needs more than its type checked.
func (d *definition) setSpecial(m member) error {
	v := m.value
	switch m.name {
	case "json":
		isJSON := false
		err := d.boolInto(v, &isJSON)
		if isJSON {
			d.form = "json"
		}
		return err
	case "file-type":
		return d.setForm(v)
	case "timestamp-divisor":
		n, err := strconv.ParseFloat(v.text, 64)
		if v.kind != numberKind || err != nil || n <= 0 {
			return d.file.problem(v.at, "use a number such as 1000", "timestamp-divisor is not a positive number")
		}
		d.divisor = n
		return nil
	case "subsecond-units", "subsecond-unit":
		return d.setUnit(v)
	case "file-pattern":
		return d.setFilePattern(v)
	case "level-pointer":
		p, err := d.compileAt(v, "level-pointer")
		if err == nil && p.linear != nil {
			d.pointer = p.linear
		}
		return err
	}
	return d.file.problem(m.at, "known keys: "+knownKeys, "unknown key %q in format %s", m.name, d.name)
}

func (d *definition) setForm(v *node) error {
	switch v.text {
	case "text", "json", "logfmt":
		d.form = v.text
		return nil
	case "csv", "tabular":
		return d.file.problem(v.at, "write a pattern for its lines", "file-type %q is not supported", v.text)
	}
	return d.file.problem(v.at, "use text, json or logfmt", "unknown file-type %q", v.text)
}

func (d *definition) setUnit(v *node) error {
	switch v.text {
	case "milli":
		d.subUnit = 3
	case "micro":
		d.subUnit = 6
	case "nano":
		d.subUnit = 9
	default:
		return d.file.problem(v.at, "use milli, micro or nano", "unknown subsecond-units %q", v.text)
	}
	return nil
}

func (d *definition) setFilePattern(v *node) error {
	p, err := d.compileAt(v, "file-pattern")
	if err != nil {
		return err
	}
	if p.linear == nil {
		return d.file.problem(v.at, "write it without look-around", "file-pattern needs the backtracking engine: %s", p.refuse)
	}
	d.filePattern = p.linear
	return nil
}

// compileAt compiles the pattern that a node holds.
func (d *definition) compileAt(v *node, what string) (*pattern, error) {
	if v.kind != stringKind {
		return nil, d.file.problem(v.at, "", "%s is %s, want a regular expression", what, v.kind)
	}
	p, err := compile(v.text)
	if err != nil {
		return nil, d.file.problem(v.at, "see docs/formats.md for what patterns may hold", "%s of format %s: %v", what, d.name, err)
	}
	p.at = v.at
	return p, nil
}

func (d *definition) setPatterns(v *node) []error {
	var problems []error
	for _, m := range v.members {
		p, err := d.readPattern(m)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		d.patterns = append(d.patterns, p)
	}
	if len(v.members) == 0 {
		problems = append(problems, d.file.problem(v.at, `write {"std": {"pattern": "^(?<timestamp>…"}}`, "regex of format %s holds no pattern", d.name))
	}
	return problems
}

func (d *definition) readPattern(m member) (*pattern, error) {
	source, module := m.value, false
	if source.kind == objectKind {
		for _, part := range m.value.members {
			switch part.name {
			case "pattern":
				source = part.value
			case "module-format":
				module = part.value.text == "true"
			default:
				return nil, d.file.problem(part.at, "known keys: pattern module-format", "unknown key %q in pattern %s of format %s", part.name, m.name, d.name)
			}
		}
	}
	if source.kind != stringKind {
		return nil, d.file.problem(m.at, `write {"pattern": "^(?<timestamp>…"}`, "pattern %s of format %s has no regular expression", m.name, d.name)
	}
	p, err := d.compileAt(source, "pattern "+m.name)
	if err != nil {
		return nil, err
	}
	p.name, p.module = m.name, module
	return p, nil
}

func (d *definition) setLevels(v *node) []error {
	var problems []error
	for _, m := range v.members {
		level, ok := levelOfName(m.name)
		if !ok {
			problems = append(problems, d.file.problem(m.at, "use trace debug info notice warning error critical fatal", "unknown level %q in format %s", m.name, d.name))
			continue
		}
		rule := levelRule{level: level, rank: levelRank(m.name)}
		if m.value.kind == numberKind {
			rule.number = m.value.text
		} else {
			p, err := d.compileAt(m.value, "level "+m.name)
			if err != nil {
				problems = append(problems, err)
				continue
			}
			rule.pattern = p
		}
		d.levels = append(d.levels, rule)
	}
	return problems
}

func (d *definition) setSamples(v *node) []error {
	var problems []error
	for _, item := range v.items {
		s := Sample{at: item.at}
		for _, m := range item.members {
			switch m.name {
			case "line":
				s.Line = m.value.text
			case "level":
				s.Level, _ = levelOfName(m.value.text)
			case "description":
			default:
				problems = append(problems, d.file.problem(m.at, "known keys: line level", "unknown key %q in a sample of format %s", m.name, d.name))
			}
		}
		if s.Line == "" {
			problems = append(problems, d.file.problem(item.at, `write {"line": "…"}`, "a sample of format %s has no line", d.name))
			continue
		}
		d.samples = append(d.samples, s)
	}
	return problems
}

// setValues checks the kinds; a value's other keys say how lnav shows it.
func (d *definition) setValues(v *node) []error {
	var problems []error
	for _, m := range v.members {
		k := m.value.get("kind")
		if k == nil {
			continue
		}
		if !strings.Contains(" string integer float boolean json struct quoted xml timestamp any ", " "+k.text+" ") {
			problems = append(problems, d.file.problem(k.at, "use string integer float boolean json struct quoted xml", "unknown kind %q of value %s in format %s", k.text, m.name, d.name))
		}
	}
	return problems
}

func (d *definition) setLayouts(v *node) []error {
	var problems []error
	for _, item := range v.items {
		l, err := stamp.Compile(item.text)
		if err != nil {
			problems = append(problems, d.file.problem(item.at, "", "format %s: %v", d.name, err))
			continue
		}
		d.layouts = append(d.layouts, l)
	}
	return problems
}

// setExtra reads the "oxtail" object, which lnav does not know.
func (d *definition) setExtra(v *node) []error {
	var problems []error
	for _, m := range v.members {
		if err := d.setExtraKey(m); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}

func (d *definition) setExtraKey(m member) error {
	switch m.name {
	case "component":
		return d.textInto(m.value, &d.component)
	case "thread":
		return d.textInto(m.value, &d.thread)
	case "recogniser":
		return d.textInto(m.value, &d.form)
	case "fallback":
		return d.boolInto(m.value, &d.fallback)
	case "details":
		return d.setDetails(m.value)
	case "level-words":
		return d.boolInto(m.value, &d.levelWords)
	case "unmistakable":
		return d.boolInto(m.value, &d.marked)
	case "by-name-only":
		return d.boolInto(m.value, &d.byName)
	case "untimed-continues":
		return d.boolInto(m.value, &d.continues)
	case "timestamp":
		return d.nameInto(m.value, &d.timestamp)
	case "body":
		return d.nameInto(m.value, &d.body)
	case "level":
		return d.nameInto(m.value, &d.levelField)
	case "specificity":
		n, err := strconv.Atoi(m.value.text)
		if err != nil || n < 0 || n > 99 {
			return d.file.problem(m.value.at, "", "specificity is %q, want a number from 0 to 99", m.value.text)
		}
		d.specificity = n
		return nil
	case "fields":
		for _, f := range m.value.members {
			d.constants = append(d.constants, parser.Field{Name: f.name, Value: f.value.text})
		}
		return nil
	}
	return d.file.problem(m.at, "known keys: component thread timestamp body level level-words fields details specificity fallback unmistakable by-name-only untimed-continues recogniser", "unknown key %q in oxtail of format %s", m.name, d.name)
}

// setDetails reads the patterns that are searched in an entry's text.
func (d *definition) setDetails(v *node) error {
	const most = 32
	if v.kind != arrayKind || len(v.items) > most {
		return d.file.problem(v.at, "", "details is not a list of up to %d regular expressions", most)
	}
	for _, item := range v.items {
		p, err := d.compileAt(item, "detail")
		if err != nil {
			return err
		}
		d.details = append(d.details, p)
	}
	return nil
}

func (d *definition) textInto(v *node, into *string) error {
	if v.kind != stringKind {
		return d.file.problem(v.at, "", "%s where format %s wants text", v.kind, d.name)
	}
	*into = v.text
	return nil
}

// nameInto reads one field name, or a list of candidates.
func (d *definition) nameInto(v *node, into *[]string) error {
	if v.kind == stringKind {
		*into = []string{v.text}
		return nil
	}
	var names []string
	for _, item := range v.items {
		names = append(names, item.text)
	}
	if v.kind != arrayKind || len(names) == 0 {
		return d.file.problem(v.at, "", "%s where format %s wants the name of a field", v.kind, d.name)
	}
	*into = names
	return nil
}

func (d *definition) boolInto(v *node, into *bool) error {
	if v.kind != boolKind {
		return d.file.problem(v.at, "write true or false", "%s where format %s wants true or false", v.kind, d.name)
	}
	*into = v.text == "true"
	return nil
}
