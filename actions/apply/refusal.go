package apply

import "errors"

// hinter is an error that knows its remedy.
type hinter interface{ Hint() string }

// remedies returns those of an error and of what it wraps.
func remedies(err error) []string {
	var out []string
	for e := err; e != nil; e = errors.Unwrap(e) {
		if h, ok := e.(hinter); ok && h.Hint() != "" {
			out = append(out, h.Hint())
		}
	}
	return out
}

// isRefusal reports whether an error says that something must not be done, as opposed to
// something that was tried and failed.
func isRefusal(err error) bool {
	var r *refusal
	return errors.As(err, &r) || errors.Is(err, ErrStale)
}
