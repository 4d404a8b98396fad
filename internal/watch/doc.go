// Package watch follows logs and speaks once for each fault: bytes of a tail.Tailer
// become records, hits, findings and episodes, and go to the outputs.
//
// Following a file gives the same records as reading it when it is finished. Formats
// whose records begin at lines that tell so by themselves are read on from where the
// last record ended. All others (the grammars, clock-only times, days and months that
// the head does not settle) are read again from the start of the file whenever it grew,
// and what was handed out before is left out. See stream.
//
// The order is: records and findings to the outputs, flushed; then the checkpoint. A
// crash repeats the newest records under the same place, it does not lose any.
//
// It never writes but to the state folder and the outputs that the user named, never
// runs a command through a shell, and never reads the clock.
package watch
