package cli

import (
	"oxtail/internal/notify"
	"oxtail/internal/tail"
	"oxtail/internal/watch"
)

// notifiers opens the senders that exist on Windows.
func (f *watchFlags) notifiers(t *term) ([]watch.Output, error) {
	var out []watch.Output
	if f.toast {
		toast, err := notify.NewToast(t.now)
		if err != nil {
			return nil, err
		}
		out = append(out, watch.NewQueue(toast, tail.Timer{}))
	}
	if f.eventLog {
		log, note, err := notify.NewEventLog()
		if err != nil {
			return nil, err
		}
		if note != "" {
			t.sayf("%s", note)
		}
		out = append(out, watch.NewQueue(log, tail.Timer{}))
	}
	return out, nil
}
