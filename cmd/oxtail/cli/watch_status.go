package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"oxtail/internal/report"
	"oxtail/internal/watch"
)

func newWatchStatus(t *term) *cobra.Command {
	var state string
	format := newOneOf("text", "text", "json")
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say how a watch is doing",
		Long: `Shows what the watch that uses, or used, a state folder wrote last: files, records, lag,
faults, gaps and outputs. It does not disturb the watch. The numbers are at most ten seconds old.

` + exitHelp + `Code 3 means that something was lost for certain.
`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runWatchStatus(t, state, format.value) },
	}
	cmd.Flags().StringVar(&state, "state", "", "state `folder` of the watch")
	choice(cmd, "format", "form of the output", format)
	return cmd
}

func runWatchStatus(t *term, state, format string) error {
	if state == "" {
		return withHint(errors.New("oxtail watch status needs --state"), "name the folder that the watch got as --state")
	}
	data, running, err := watch.ReadStatus(state)
	if errors.Is(err, fs.ErrNotExist) {
		return withHint(fmt.Errorf("no watch has used the state folder %s", state), "start one: oxtail watch --state "+state+" PATH")
	}
	if err != nil {
		return err
	}
	var st report.WatchStatus
	if err := json.Unmarshal(data, &st); err != nil {
		return fmt.Errorf("read the status in %s: %w", state, err)
	}
	st.Running = running
	err = t.output("", func(w io.Writer, _ bool) error {
		if format == "json" {
			return report.WriteJSON(w, st)
		}
		_, err := io.WriteString(w, st.Text())
		return err
	})
	if err == nil && st.Gaps > 0 {
		return &exitError{code: ExitIncomplete}
	}
	return err
}
