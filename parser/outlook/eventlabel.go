package outlook

import "strconv"

// numbered writes several values without names as the text form does: P1, P2 and so on.
// The text that they belong to is in a library of the program that wrote the event.
func numbered(values []string) []string {
	if len(values) < 2 {
		return values
	}
	return labelValues(values, func(i int) string { return "P" + strconv.Itoa(i+1) })
}

func labelValues(values []string, label func(i int) string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		if v != "" {
			out[i] = label(i) + ": " + v
		}
	}
	return out
}

// values returns what an event without a rendered text says. A crash is told in the
// words of Windows, for the rules know them: its values are the same since Windows XP,
// with names or without.
func (w *xmlWalker) values() []string {
	if w.found.provider != "Application Error" || w.found.id != "1000" {
		return append(w.named, numbered(w.found.data)...)
	}
	names := [...]string{"Faulting application name", "Version", "Time stamp", "Faulting module name", "Version", "Time stamp", "Exception code", "Fault offset"}
	data := labelValues(w.found.data, func(i int) string {
		if i < len(names) {
			return names[i]
		}
		return "P" + strconv.Itoa(i+1)
	})
	return append(w.named, data...)
}

// dataName returns the label of a value with a name.
func dataName(name string) string {
	switch name {
	case "AppName":
		return "Faulting application name"
	case "ModuleName":
		return "Faulting module name"
	}
	return name
}
