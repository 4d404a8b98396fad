package query

import "strconv"

// SpecialKeys calls add with the keys of a token that identifiers in other spellings
// are found by: a UUID that begins or ends with it, and what may be an error code.
func SpecialKeys(folded []byte, t Token, add func(uint64)) {
	token := folded[t.Start:t.End]
	n := len(token)
	if n < 8 {
		return
	}
	if isHexRun(token[n-8:]) {
		uuidKeys(folded, t.End-8, add)
		if n == 8 && token[0]-'0' >= 8 || n >= 10 && token[n-9] == 'x' && token[n-10] == '0' {
			addCode(token[n-8:], 16, 1, add)
		}
	}
	if n >= 32 {
		bareUUIDs(token, add)
	}
	if n == 9 || n == 10 {
		addCode(token, 10, -1, add)
	}
}

// addCode adds the key of a number that may be a code.
func addCode(digits []byte, base int, sign int64, add func(uint64)) {
	if v, err := strconv.ParseUint(string(digits), base, 32); err == nil {
		add(codeKey(uint16(int64(v) * sign)))
	}
}

// uuidKeys adds the key of the UUID with hyphens that begins at an index.
func uuidKeys(folded []byte, at int, add func(uint64)) {
	const length = 36
	if at+length > len(folded) || folded[at+8] != '-' {
		return
	}
	var digits [32]byte
	n := 0
	for i, c := range folded[at : at+length] {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return
			}
			continue
		}
		if !isHexByte(c) {
			return
		}
		digits[n] = c
		n++
	}
	addUUID(digits[:], add)
}

// addUUID adds both keys of a UUID: a filter takes one for another in one of a hundred
// blocks, two in hardly any.
func addUUID(digits []byte, add func(uint64)) {
	for _, k := range uuidKeyPair(digits) {
		add(k)
	}
}

// bareUUIDs adds the keys of runs of 32 hexadecimal digits.
func bareUUIDs(token []byte, add func(uint64)) {
	for i := 0; i < len(token); {
		n := 0
		for i+n < len(token) && isHexByte(token[i+n]) {
			n++
		}
		if n == 32 {
			addUUID(token[i:i+n], add)
		}
		i += n + 1
	}
}

func isHexRun(b []byte) bool {
	for _, c := range b {
		if !isHexByte(c) {
			return false
		}
	}
	return true
}

func isHexByte(c byte) bool { return c-'0' < 10 || c-'a' < 6 }
