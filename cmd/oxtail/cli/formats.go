package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"oxtail/parser"
	"oxtail/parser/formats"
	"oxtail/parser/outlook"
)

func newFormats(t *term) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "formats",
		Short: "List, show and test log formats",
		Long: `A format says how a family of logs writes its entries. Formats are lnav format files;
docs/formats.md describes them. Your own are read from the folder oxtail/formats of your
configuration folder (~/.config, %AppData%) and from --formats DIR. A log without a format is read all the same.

` + exitHelp,
	}
	cmd.AddCommand(newFormatsList(t), newFormatsShow(t), newFormatsTest(t))
	return cmd
}

// loadFormatSet returns the built-in formats, those of the user's configuration
// folder if there is one, and those of the folders that the user names.
func (t *term) loadFormatSet(dirs []string) (*formats.Set, error) {
	set, err := formats.Default(outlook.Formats()...)
	if err != nil {
		return nil, fmt.Errorf("load built-in formats: %w", err)
	}
	if own := t.configDir("formats"); own != "" {
		dirs = slices.Concat([]string{own}, dirs)
	}
	for _, dir := range dirs {
		fsys, err := openDir(dir)
		if err != nil {
			return nil, err
		}
		if set, err = set.Load(fsys, "."); err != nil {
			return nil, fmt.Errorf("load formats of %s: %w", dir, err)
		}
	}
	return set, nil
}

func (t *term) loadFormats(dirs []string) ([]parser.Format, error) {
	set, err := t.loadFormatSet(dirs)
	if err != nil {
		return nil, err
	}
	return set.Formats(), nil
}

func unknownFormat(set *formats.Set, name string) error {
	err := fmt.Errorf("no format has the name %q", name)
	var names []string
	for _, f := range set.Formats() {
		names = append(names, f.Name())
	}
	if n := nearest(name, names); n != "" {
		return withHint(err, "did you mean "+n+"?")
	}
	return withHint(err, "see oxtail formats list")
}

// formatDirs adds the flag that names folders with formats.
func formatDirs(cmd *cobra.Command, dirs *[]string) {
	cmd.Flags().StringArrayVar(dirs, "formats", nil, "`folder` with format files of your own (lnav's JSON), besides the built-in ones; may be repeated")
}

// completeFormats offers the names of the built-in formats to the shell.
func completeFormats(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	set, err := formats.Default(outlook.Formats()...)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, f := range set.Formats() {
		names = append(names, f.Name())
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// configDir returns a folder of the user's configuration if it exists, else "".
func (t *term) configDir(name string) string {
	base := t.getenv("XDG_CONFIG_HOME")
	switch home := t.getenv("HOME"); {
	case runtime.GOOS == "windows":
		base = t.getenv("AppData")
	case base != "" || home == "":
	case runtime.GOOS == "darwin":
		base = filepath.Join(home, "Library", "Application Support")
	default:
		base = filepath.Join(home, ".config")
	}
	if base == "" {
		return ""
	}
	dir := filepath.Join(base, "oxtail", name)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return ""
	}
	return dir
}
