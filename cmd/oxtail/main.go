// Command oxtail finds out why a mailbox does not synchronise, from the logs of
// OXtender 2, Outlook and their relatives.
package main

//go:generate go run ../resources

import (
	"os"

	"oxtail/cmd/oxtail/cli"
)

func main() { os.Exit(cli.Main(cli.System())) }
