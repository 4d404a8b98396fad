package parser

import (
	_ "net/http"
	_ "os"
	_ "strings"

	_ "github.com/dlclark/regexp2"
	_ "golang.org/x/text/encoding"
	_ "oxtail/detectors"
)
