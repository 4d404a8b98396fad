package foldercount

import "time"

// Folder is one folder of a mailbox.
type Folder struct {
	Path             string    // elements separated by "/", beginning with one; a slash within a name is kept as slashInName
	Items            int64     // items in the folder itself, not below it
	Visible          *int64    // of Items those that a person sees; nil when not told. The server counts hidden ones in Items
	Unread           *int64    // nil when not told
	Size             *int64    // bytes; nil when not told
	Type             string    // FolderType of Exchange, the same in every language ("Inbox", "User Created"); "" when not told
	LastModified     time.Time // zero when not told or when day and month cannot be told apart
	LastSynchronized time.Time // the same
	ModifiedText     string    // LastModifiedTime as it stands in the file; its zone is not told
	SynchronizedText string    // last synchronisation as it stands in the file
	Line             int       // 1-based line of the file
}

// slashInName is what Exchange writes for a slash within a folder's name, so that it does not look like a separator.
const slashInName = '\uF8FF'

// Listing is one file of folder counts.
type Listing struct {
	Folders  []Folder
	Mailbox  string            // of the Identity column, "" when there is none
	Encoding string            // "utf-8", "utf-16le", "utf-16be", "windows-1252"
	Comma    rune              // the separator that was found
	Columns  map[string]string // what was read → the column's name in the file, e.g. "items" → "ItemsInFolder"
}

// SyntaxError says what is wrong with a file, where, and what to do.
type SyntaxError struct {
	Line    int    // 1-based; 0 when it concerns the whole file
	Problem string // "the count %q is no number"
	Remedy  string
}
