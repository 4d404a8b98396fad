// Package evtx reads Windows event logs (.evtx) and renders them as the text that
// "wevtutil qe /f:xml" writes: one <Event> after the other, as far as the file says.
// The texts of messages are not in the file; the values are.
//
// It opens no file, starts no goroutine and never holds more than one chunk (64 KiB)
// and one rendered event.
//
// # Why the stream of a log is text
//
// An event of a log cannot be read alone: it refers to names and templates that stand
// anywhere in its chunk, mostly inside other events. So its bytes are no record that an
// index could keep and read again. The rendered text is: each event is a record of its
// own, of the format windows_event_xml, and all rules on exported events hold for the
// log itself. Offsets of records count bytes of the rendered text, which is the same
// whenever the log is read. Where an event stands in the file is told by a processing
// instruction before it, which becomes the fields evtx_offset, evtx_length and
// record_id, and stands at the end of the record's text, so that evidence cites it:
//
//	<?evtx offset="4608" length="1200" record="1"?><Event xmlns=…
//
// What could not be read is told in the same way, before the event that follows it, or
// behind the last one:
//
//	<?evtx-loss offset="69632" length="65536" why="checksum of the events is wrong"?>
//
// # Why an own reader
//
// www.velocidex.com/golang/evtx reads sound logs well, but a damaged log of 68 KB makes
// it hang, or take more than 4 GB, and neither can be stopped from outside except by
// ending a process. Binary XML has fifteen tokens; reading them with limits is less
// code than watching over a child process.
//
// # Invariants
//
// No input makes it panic. Output and work are bounded for each event and each chunk
// (limits.go). Whatever cannot be read is a Loss or a Problem of its event, and then
// the text ends with a *Damage instead of io.EOF; what stands around it is read.
package evtx
