package cli

import (
	"fmt"
	"sync"
	"time"

	"oxtail/internal/pipeline"
	"oxtail/internal/report"
)

const (
	progressAfter = time.Second            // shorter work shows nothing
	progressEvery = 200 * time.Millisecond // as often as an eye reads
	progressWidth = 40                     // columns of the path at hand
)

// showProgress makes a scan show how far it is, on a terminal, when it takes long.
// The function that it returns ends that and clears the line.
func (t *term) showProgress(opts *pipeline.Options) (stop func()) {
	if !t.progress {
		return func() {}
	}
	var mu sync.Mutex
	var bytes int64
	path, sources := "", 0
	opts.Progress = func(p pipeline.Progress) {
		mu.Lock()
		defer mu.Unlock()
		bytes += p.Bytes
		if p.Path != path {
			path = p.Path
			sources++
		}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		started := t.now()
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		shown := false
		for {
			select {
			case <-done:
				if shown {
					fmt.Fprint(t.stderr, "\r\x1b[K")
				}
				return
			case <-tick.C:
				elapsed := t.now().Sub(started)
				if elapsed < progressAfter {
					continue
				}
				shown = true
				mu.Lock()
				line := fmt.Sprintf("%s read, %s/s, %s", report.Size(bytes), report.Size(int64(float64(bytes)/elapsed.Seconds())), report.Shorten(path, progressWidth))
				mu.Unlock()
				fmt.Fprintf(t.stderr, "\r\x1b[Koxtail: %s", line)
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
