package parser

func other() {
	later, err := 2, error(nil)
	later = 3
	_, _ = later, err
	(built) = 4
}
