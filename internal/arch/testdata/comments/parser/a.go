package parser

// Known has a comment.
func Known() {}

func Bare() {}

type T struct{}

func (T) Method() {}

type hidden struct{}

func (hidden) Exported() {}

// A group comment is enough.
const (
	A = 1
	B = 2
)
