package parser

import (
	_ "os"
	_ "oxtail/cmd/oxtail/cli"
	_ "oxtail/detectors"

	_ "github.com/google/go-cmp/cmp"
)
