package cli

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"oxtail/internal/report"
)

// Set by the linker in releases (-X), where the build information has no version:
// archives of the source carry no version control.
var (
	linkVersion = ""
	linkCommit  = ""
)

func newVersion(t *term) *cobra.Command {
	format := newOneOf("text", "text", "json")
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of the program",
		Long:  "Prints the version of the program, and what it was built from and with.\n\n" + exitHelp,
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return runVersion(t.stdout, format.value) },
	}
	choice(cmd, "format", "how to print it", format)
	return cmd
}

func runVersion(w io.Writer, format string) error {
	v := buildVersion(debug.ReadBuildInfo())
	if format == "json" {
		return report.WriteJSON(w, v)
	}
	_, err := fmt.Fprintf(w, "oxtail %s\ncommit %s\n%s %s/%s\n", v.Version, cmp.Or(v.Commit, "unknown"), v.Go, v.OS, v.Arch)
	return err
}

// version returns the program's version for results.
func version() string { return buildVersion(debug.ReadBuildInfo()).Version }

// buildVersion takes the version from the build information, else from the linker.
func buildVersion(info *debug.BuildInfo, ok bool) report.Version {
	v := report.Version{Schema: "oxtail.version/v1", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		v.Version = info.Main.Version
	}
	if ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				v.Commit = s.Value
			case "vcs.modified":
				v.Modified = s.Value == "true"
			}
		}
	}
	v.Version = cmp.Or(linkVersion, v.Version, "devel")
	v.Commit = cmp.Or(v.Commit, linkCommit)
	return v
}
