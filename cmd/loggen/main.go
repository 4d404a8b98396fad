// Loggen writes a synthetic provider log to standard output, for benchmarks:
//
//	go run ./cmd/loggen -lines 2000000 > big.log
package main

import (
	"flag"
	"fmt"
	"os"

	"oxtail/internal/loggen"
)

func main() {
	lines := flag.Int("lines", 2_000_000, "lines to write, about 137 bytes each")
	seed := flag.Int64("seed", 1, "the same seed gives the same log")
	noIDs := flag.Bool("no-ids", false, "leave out random UUIDs and hex ids")
	flag.Parse()
	if err := loggen.Write(os.Stdout, loggen.Options{Lines: *lines, Seed: *seed, NoIDs: *noIDs}); err != nil {
		fmt.Fprintln(os.Stderr, "loggen:", err)
		os.Exit(1)
	}
}
