package evtx

// template renders an instance of a template: where the template stands, and the
// values for its places. The first instance in a chunk holds the template itself.
func (f *fragment) template() error {
	f.take(1 + 4) // version, number
	at := f.u32()
	if f.inTag || f.level >= maxNesting {
		return errTooDeep
	}
	if at < chunkHeadBytes || at > len(f.b) {
		return errBadXML
	}
	def := cursor{b: f.b, at: at, end: len(f.b)}
	def.take(templateHead - 4) // next template, GUID
	size := def.u32()
	if def.err != nil || size > def.end-def.at {
		return errShort
	}
	def.end = def.at + size
	if at == f.at {
		f.take(def.end - at)
	}
	values, err := f.readValues()
	if err != nil {
		return err
	}
	t := fragment{writer: f.writer, cursor: def}
	err = t.render(values, f.level+1, false)
	f.inTag = t.inTag // for closeAll
	return err
}

// readValues reads the values of a template's instance: their sizes and types, then
// the bytes of all.
func (f *fragment) readValues() ([]value, error) {
	const headBytes = 4
	count := f.u32()
	if f.err != nil || count < 0 || count > (f.end-f.at)/headBytes {
		return nil, errShort
	}
	f.tokens += count
	values := f.free(count)
	for range count {
		size := f.u16()
		kind := f.u8()
		f.u8()
		values = append(values, value{kind: kind, end: size})
	}
	for i := range values {
		v := &values[i]
		v.at, v.end = f.at, f.at+v.end
		f.take(v.end - v.at)
	}
	if f.err != nil {
		return nil, f.err
	}
	return values, nil
}

// free returns an empty list for count values that no open template uses: there is one
// for each level of nesting.
func (f *fragment) free(count int) []value {
	for len(f.lists) <= f.level {
		f.lists = append(f.lists, nil)
	}
	if cap(f.lists[f.level]) < count {
		f.lists[f.level] = make([]value, 0, count)
	}
	return f.lists[f.level][:0]
}

// value returns the value for a place.
func (f *fragment) value(index int) (value, bool) {
	if index >= len(f.values) {
		return value{}, false
	}
	return f.values[index], true
}

// substitute renders the value of a place in the template.
func (f *fragment) substitute(optional bool) error {
	index := f.u16()
	f.u8() // the type that the template wants; the value has its own
	v, ok := f.value(index)
	if !ok {
		return errBadValue
	}
	if f.inTag && !f.inAttr {
		return errBadXML
	}
	if v.kind == kindNull {
		f.attrNull = f.attrNull || optional
		return nil
	}
	if v.kind&kindArray != 0 {
		return f.joinItems(v)
	}
	return f.appendValue(v)
}

// joinItems writes the values of an array that is not the only content of an element.
func (f *fragment) joinItems(v value) error {
	items, n := v.items(f.b), 0
	for item, ok := items.next(); ok; item, ok = items.next() {
		if n++; n > 1 {
			f.out = append(f.out, ", "...)
		}
		if f.tokens++; f.tokens > maxChunkTokens || len(f.out) > maxEventBytes {
			return errTooLong
		}
		if err := f.appendValue(item); err != nil {
			return err
		}
	}
	return nil
}

// nested renders a value that is binary XML itself.
func (f *fragment) nested(v value) error {
	if f.inTag {
		return errBadXML
	}
	t := fragment{writer: f.writer, cursor: cursor{b: f.b, at: v.at, end: v.end}}
	err := t.render(nil, f.level+1, true)
	f.inTag = t.inTag
	return err
}
