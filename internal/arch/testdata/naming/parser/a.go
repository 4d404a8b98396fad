package parser

import (
	. "errors"
	clock "time"

	plain "strings"
)
