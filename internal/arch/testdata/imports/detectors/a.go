package detectors

import (
	_ "oxtail/index"
	_ "oxtail/parser/profile"
	_ "unsafe"

	_ "github.com/google/go-cmp/cmp"
	_ "go.yaml.in/yaml/v3"
)
