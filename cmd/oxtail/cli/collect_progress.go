package cli

import (
	"fmt"
	"strings"
	"time"

	"oxtail/internal/bundle"
	"oxtail/internal/report"
)

// barWidth is the length of a progress bar, in columns.
const barWidth = 24

// showBytes makes a collection show how far it is, on a terminal, when it takes long. The
// function that it returns clears the line.
func (t *term) showBytes(opts *bundle.Options) (stop func()) {
	if !t.progress {
		return func() {}
	}
	started := t.now()
	var last time.Time
	shown := false
	opts.Progress = func(done, total int64, what string) {
		now := t.now()
		if now.Sub(started) < progressAfter || now.Sub(last) < progressEvery {
			return
		}
		last, shown = now, true
		filled := int(float64(barWidth) * float64(done) / float64(max(total, 1)))
		bar := strings.Repeat("#", min(filled, barWidth)) + strings.Repeat(".", barWidth-min(filled, barWidth))
		fmt.Fprintf(t.stderr, "\r\x1b[Koxtail: [%s] %s of %s, %s", bar, report.Size(done), report.Size(total), report.Shorten(what, progressWidth))
	}
	return func() {
		if shown {
			fmt.Fprint(t.stderr, "\r\x1b[K")
		}
	}
}
