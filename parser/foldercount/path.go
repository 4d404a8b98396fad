package foldercount

import "strings"

// cleanPath brings a folder path into the form "/Inbox/Projects". Outlook's own form `\\Mailbox - Alex\Inbox` loses the name of the
// store. A backslash is a separator only there, for it may stand in a folder's name.
func cleanPath(path string) string {
	path = strings.TrimSpace(path)
	if rest, outlook := strings.CutPrefix(path, `\\`); outlook {
		_, folders, _ := strings.Cut(rest, `\`)
		path = "/" + strings.ReplaceAll(strings.ReplaceAll(folders, "/", string(slashInName)), `\`, "/")
	} else if strings.HasPrefix(path, `\`) || !strings.Contains(path, "/") && strings.Contains(path, `\`) {
		path = strings.ReplaceAll(path, `\`, "/")
	}
	var elements []string
	for _, e := range strings.Split(path, "/") {
		if e = strings.TrimSpace(e); e != "" {
			elements = append(elements, e)
		}
	}
	if len(elements) == 0 && strings.Trim(path, "/ ") == "" && path != "" {
		return "/"
	}
	if len(elements) == 0 {
		return ""
	}
	return "/" + strings.Join(elements, "/")
}

// Display is the path for people, with slashes within names as such.
func (f Folder) Display() string { return strings.ReplaceAll(f.Path, string(slashInName), "/") }
