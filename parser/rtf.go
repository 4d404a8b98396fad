package parser

// decodeRTF returns the lines of an RTF document.
func decodeRTF(raw []byte) []Line {
	if len(raw) == 0 {
		return nil
	}
	return []Line{{Raw: raw, Number: 1, Text: string(raw)}}
}
