//go:build windows

package parser

import _ "github.com/nobody/knows"
