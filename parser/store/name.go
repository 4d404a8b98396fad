package store

import (
	"fmt"
	"strings"
)

// CheckName tells when a file's extension promises another kind of store than its bytes are. Other extensions, such as the .old of
// a renamed store, promise nothing.
func (h Header) CheckName(name string) []Problem {
	promised := KindByName(name)
	if promised == KindUnknown || !h.IsStore || h.Kind == KindUnknown || promised == h.Kind {
		return nil
	}
	return []Problem{problemMisnamed.at(offClient, fmt.Sprintf("%s, after its name", promised), fmt.Sprintf("%s, by its content", h.Kind))}
}

// KindByName is the kind that an extension promises. An .nst, the store of groups, is an OST by content.
func KindByName(name string) Kind {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return KindUnknown
	}
	switch strings.ToLower(name[dot:]) {
	case ".pst":
		return KindPST
	case ".ost", ".nst":
		return KindOST
	case ".pab":
		return KindPAB
	}
	return KindUnknown
}
