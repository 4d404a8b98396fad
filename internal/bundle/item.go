package bundle

import (
	"io"
	"strings"
	"time"
)

// The kinds of parts.
const (
	kindLog      = "log"
	kindRegistry = "registry"
	kindListing  = "listing"
	kindServices = "mapisvc"
	kindEvents   = "event-log"
	kindResult   = "result"
)

// Priorities of parts when there is more than the budget, best first.
const (
	prioResult = iota
	prioRegistry
	prioProvider // the store provider's logs
	prioOutlook  // other logs
	prioEvents
	prioOther
)

// An item is one thing that is to be collected.
type item struct {
	folder   string // of the bundle
	name     string // below folder, with slashes, before redaction
	source   string // where it comes from, for people
	kind     string
	note     string
	priority int
	size     int64 // bytes of the source; those of the part may differ
	modified time.Time
	from     int64 // bytes of the source that are left out at its start
	open     func() (io.ReadCloser, error)
	render   func(text func(string) string) ([]byte, error) // see Extra
}

// path is the path of the part, before redaction.
func (it *item) path() string {
	if it.folder == "" {
		return it.name
	}
	return it.folder + "/" + strings.TrimPrefix(it.name, it.folder+"/")
}
