package parser

import "time"

// A Source is what is known about a byte stream before its first byte is read.
type Source struct {
	Path     string         // name of the stream, "bundle.zip!/logs/oxtstore_1.log" for an archive member
	ModTime  time.Time      // last change of the file, zero if unknown
	ItemTime time.Time      // submit time (UTC) of the mail item that the text was stored in, zero if none
	Zone     *time.Location // zone of times that name none; nil means UTC
}
