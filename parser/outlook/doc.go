// Package outlook reads the logs around Outlook that no single pattern describes:
// synchronization logs, Modification Resolution items, Send/Receive errors, OPMLOG,
// ScanPST logs, event-log exports, ActiveSync mailbox logs, answers of the OX server
// and the output of the OXtender SupportTool.
//
// Each grammar is a parser.Format. It streams: an assembler gets one line at a
// time and keeps at most one entry (see maxEntry) or a bounded queue of entries.
// It reads what people paste: quoted, wrapped, joined into one line, without times,
// with the white space and the quotes of a mail program. What no rule of the
// grammar names becomes part of the entry above it or an entry of its own.
//
// It never judges an entry, opens files or reads the clock.
//
// Invariant: the raw bytes of the records of a source, in order, are those of the
// lines that were added.
package outlook

import "oxtail/parser"

// Formats returns the grammars, in the order in which they are tried.
func Formats() []parser.Format {
	return []parser.Format{
		syncFormat{},
		modresFormat{},
		sendReceiveFormat{},
		opmlogFormat{},
		scanpstFormat{},
		oabdataFormat{},
		eventTextFormat{},
		eventXMLFormat{},
		eventCSVFormat{},
		easMailboxFormat{},
		oxJSONFormat{},
		supportToolFormat{},
	}
}
