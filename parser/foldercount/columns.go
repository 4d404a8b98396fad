package foldercount

import "strings"

// field is something that a column may hold.
type field string

const (
	fieldPath         field = "path"
	fieldIdentity     field = "identity"
	fieldName         field = "name"
	fieldItems        field = "items"
	fieldVisible      field = "visible"
	fieldUnread       field = "unread"
	fieldSize         field = "size"
	fieldType         field = "type"
	fieldModified     field = "modified"
	fieldSynchronized field = "synchronized"
)

// columnNames lists, for each field, the names that its column may have, best first, in the form that fold gives them. The first
// name is that of Get-MailboxFolderStatistics; the others are those of Outlook's dialog and of people who renamed columns.
func columnNames() map[field][]string {
	return map[field][]string{
		fieldPath:     {"folderpath", "path", "folder", "ordnerpfad", "pfad", "ordner"},
		fieldIdentity: {"identity", "identität"},
		fieldName:     {"name", "foldername", "displayname", "ordnername", "anzeigename"},
		fieldItems: {"itemsinfolder", "serverfoldercontains", "offlinefoldercontains", "items", "itemcount", "totalitems", "count", "contentcount",
			"elementeimordner", "serverordnerenthält", "offlineordnerenthält", "elemente", "anzahlelemente", "elementanzahl", "objekte", "anzahl"},
		fieldVisible:      {"visibleitemsinfolder", "visibleitems", "sichtbareelemente"},
		fieldUnread:       {"unreaditemsinfolder", "unreaditems", "unreadcount", "unread", "ungelesen", "ungeleseneelemente"},
		fieldSize:         {"foldersize", "size", "sizebytes", "ordnergröße", "größe"},
		fieldType:         {"foldertype", "ordnertyp"},
		fieldModified:     {"lastmodifiedtime", "lastmodified", "modified", "zuletztgeändert", "geändertam", "letzteänderung"},
		fieldSynchronized: {"lastsynchronizedon", "lastsynchronized", "lastsync", "zuletztsynchronisiertam", "zuletztsynchronisiert"},
	}
}

// fold takes out of a column's name what people and programs vary: case, blanks, punctuation.
func fold(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case strings.ContainsRune(" \t\u00A0_-.:()[]#/\"'\uFEFF", r):
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// columns says at which index of a row each field stands.
type columns map[field]int

// findColumns reads a header row.
func findColumns(header []string) columns {
	at := map[string]int{}
	for i, name := range header {
		if _, taken := at[fold(name)]; !taken {
			at[fold(name)] = i
		}
	}
	found := columns{}
	for f, names := range columnNames() {
		for _, name := range names {
			if i, ok := at[name]; ok {
				found[f] = i
				break
			}
		}
	}
	return found
}

// usable reports whether folders can be told apart and counted.
func (c columns) usable() bool {
	_, items := c[fieldItems]
	if !items {
		_, items = c[fieldVisible]
	}
	return items && c.pathField() != ""
}

// pathField is the column that tells the folder, best first; "" for none. A bare name loses its parents, so it comes last.
func (c columns) pathField() field {
	for _, f := range []field{fieldPath, fieldIdentity, fieldName} {
		if _, ok := c[f]; ok {
			return f
		}
	}
	return ""
}

// cell is the row's text for a field, "" when the file has no such column.
func (c columns) cell(row []string, f field) string {
	i, ok := c[f]
	if !ok || i >= len(row) {
		return ""
	}
	return strings.TrimSpace(row[i])
}
