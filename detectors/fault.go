package detectors

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A fault gathers the hits of one finding in one source.
type fault struct {
	rule *Rule
	faultState
}

// faultState is what of a fault outlives a restart.
type faultState struct {
	Rule      string             `json:"rule"`
	Judgement judgement          `json:"judgement"`
	Key       string             `json:"key"`
	Source    string             `json:"source"`
	Overflow  bool               `json:"overflow,omitempty"` // stands for all faults beyond a limit
	Count     int                `json:"count"`
	Items     int                `json:"items,omitempty"`
	Distinct  map[string]bool    `json:"distinct,omitempty"` // values of failed items
	First     time.Time          `json:"first,omitzero"`
	Last      time.Time          `json:"last,omitzero"`
	Head      []Evidence         `json:"head"`
	Tail      []Evidence         `json:"tail,omitempty"`
	Codes     []string           `json:"codes,omitempty"`
	UUIDs     []string           `json:"uuids,omitempty"`
	Folders   []string           `json:"folders,omitempty"`
	Mailbox   string             `json:"mailbox,omitempty"`
	Objects   map[string]*object `json:"objects,omitempty"`
	Untold    bool               `json:"untold,omitempty"` // there are more objects than are kept
}

// add counts a hit. It returns the object of the hit when it is new to the fault.
func (f *fault) add(h *Hit, cycle int) *object {
	f.Count++
	f.countItem(h)
	f.First, f.Last = spread(f.First, f.Last, h.Evidence.Time)
	if len(f.Head) < evidenceEnds {
		f.Head = append(f.Head, h.Evidence)
	} else {
		if len(f.Tail) == evidenceEnds {
			f.Tail = append(f.Tail[:0], f.Tail[1:]...)
		}
		f.Tail = append(f.Tail, h.Evidence)
	}
	for _, c := range h.Codes {
		f.Codes = list(f.Codes, string(c))
	}
	for _, u := range h.UUIDs {
		f.UUIDs = list(f.UUIDs, string(u))
	}
	if uuid, ok := h.captured("uuid"); ok {
		f.UUIDs = list(f.UUIDs, uuid)
	}
	if folder, ok := h.Field("folder"); ok {
		f.Folders = list(f.Folders, folder)
	}
	if mailbox, ok := h.Field("mailbox"); ok && f.Mailbox == "" {
		f.Mailbox = mailbox
	}
	return f.failed(h, cycle)
}

func list(to []string, value string) []string {
	if len(to) >= maxListed || slices.Contains(to, value) {
		return to
	}
	return append(to, value)
}

// countItem counts the failed items of a hit. Absorbed hits are the same items again.
func (f *fault) countItem(h *Hit) {
	failed, _ := h.Field("failed_item") // the format says that the record is a failed item
	switch {
	case h.Rule.Item == ItemEach || h.Rule.Item == ItemNone && failed == "1":
		f.Items++
	case h.Rule.Item == ItemDistinct:
		v, ok := h.Field(fold(h.Rule.ItemOf))
		if !ok || f.Distinct[v] || len(f.Distinct) >= maxDistinctItems {
			return
		}
		if f.Distinct == nil {
			f.Distinct = make(map[string]bool)
		}
		f.Distinct[v] = true
		f.Items = len(f.Distinct)
	}
}

// An object is what a fault is about: the thing with a UUID, else the folder.
type object struct {
	Values map[string][]string `json:"values"`           // key field → values in lower case
	Fails  []failure           `json:"fails"`            // those that are apart from one another
	Last   moment              `json:"last"`             // of the last failure
	Healed *moment             `json:"healed,omitempty"` // good news of the same source after the last failure
}

// A moment is a place in a source and its time, if known.
type moment struct {
	Source string    `json:"source"`
	Offset int64     `json:"offset"`
	Line   int       `json:"line"`
	Time   time.Time `json:"time,omitzero"`
}

func (m *moment) place() string { return fmt.Sprintf("%s:%d", m.Source, m.Line) }

func momentOf(e *Evidence) moment { return moment{e.Source, e.Offset, e.Line, e.Time} }

// A failure is one time that an object failed.
type failure struct {
	moment
	Cycle int `json:"cycle,omitempty"` // borders of sync cycles before it in its source
}

// maxFailures is how many failures of an object are kept: more than any rule asks for.
const maxFailures = 16

// maxObjects is how many objects of a fault are told apart. What becomes of the others
// is not known, so the fault is never called gone.
const maxObjects = 1000

// objectKey returns the fields that tell the objects of a rule.
func (r *Rule) objectKey() []string {
	if r.heals != nil {
		return r.heals.key
	}
	return []string{"uuid", "folder"}
}

// failed notes that the object of a hit failed. It returns the object when it is new.
func (f *fault) failed(h *Hit, cycle int) *object {
	if f.rule.heals == nil && f.rule.Persist == nil {
		return nil
	}
	key := f.rule.objectKey()
	values := make(map[string][]string, len(key))
	id := ""
	for _, name := range key {
		name = fold(name)
		values[name] = h.all(name)
		if id == "" && len(values[name]) > 0 {
			id = name + " " + values[name][0]
		}
	}
	o, known := f.Objects[id]
	if !known && (f.Overflow || len(f.Objects) >= maxObjects) {
		f.Untold = true
		return nil
	}
	if !known {
		o = &object{Values: values}
		f.Objects[id] = o
	}
	o.fail(failure{momentOf(&h.Evidence), cycle}, f.rule.apart())
	if known {
		return nil
	}
	return o
}

// all returns the values of a field in lower case.
func (h *Hit) all(name string) []string {
	var out []string
	for _, f := range h.Fields {
		if f.Name == name {
			out = append(out, fold(f.Value))
		}
	}
	return out
}

func (r *Rule) apart() time.Duration {
	if r.Persist == nil {
		return 0
	}
	return r.Persist.Apart
}

func (o *object) fail(f failure, apart time.Duration) {
	o.Healed = nil
	o.Last = f.moment
	if n := len(o.Fails); n == 0 || n < maxFailures && separate(o.Fails[n-1], f, apart) {
		o.Fails = append(o.Fails, f)
	}
}

// separate reports whether two failures are two: far enough apart in time, or with a
// border of a sync cycle between them.
func separate(a, b failure, apart time.Duration) bool {
	if a.Source == b.Source && a.Cycle != b.Cycle {
		return true
	}
	return !a.Time.IsZero() && !b.Time.IsZero() && b.Time.Sub(a.Time) >= apart
}

// index makes an object known to the good news of its source.
func (s *sourceState) index(r *Rule, o *object) {
	if o == nil || r.heals == nil {
		return
	}
	told := o.told(r)
	if len(r.heals.key) == 0 {
		s.list(healKey(r, "", ""), told, o)
	}
	for _, name := range sortedKeys(o.Values) {
		for _, v := range o.Values[name] {
			s.list(healKey(r, name, v), told, o)
		}
	}
}

// list files an object under a key, apart from those that another field tells: good
// news that names a UUID need not look at all objects of the folder.
func (s *sourceState) list(key, told string, o *object) {
	byField := s.objects[key]
	if byField == nil {
		byField = make(map[string][]*object)
		s.objects[key] = byField
	}
	byField[told] = append(byField[told], o)
}

// told returns the field that tells the object: the first of the key that it has.
func (o *object) told(r *Rule) string {
	for _, name := range r.objectKey() {
		if name = fold(name); len(o.Values[name]) > 0 {
			return name
		}
	}
	return ""
}

func healKey(r *Rule, field, value string) string {
	if r.heals == nil {
		return r.ID + "\x00" + field + "\x00" + value
	}
	return r.heals.group + "\x00" + field + "\x00" + value
}

// A healing is good news about an object. Fields are the fields before the one that it is
// filed under that it names too: where the object has one of them, that one decides.
type healing struct {
	Fields string `json:"fields,omitempty"`
	At     moment `json:"at"`
}

// maxHealings bounds the objects whose good news is kept for faults of other sources.
const maxHealings = 50_000

// addHeal takes good news: objects of the same source that failed before are well,
// and those of other sources will be compared by time.
func (c *Collector) addHeal(s *sourceState, h *Hit) {
	at := momentOf(&h.Evidence)
	r := h.Rule
	if len(r.heals.key) == 0 {
		s.heal(healKey(r, "", ""), nil, &at)
		return
	}
	var before []string
	for _, name := range r.heals.key {
		name = fold(name)
		values := h.all(name)
		for _, v := range values {
			key := healKey(r, name, v)
			s.heal(key, before, &at)
			c.keepHealing(key, healing{strings.Join(before, " "), at})
		}
		if len(values) > 0 {
			before = append(before, name)
		}
	}
}

// heal notes good news for the objects filed under a key that have none of the fields
// that the news names before it.
func (s *sourceState) heal(key string, before []string, at *moment) {
	for told, objects := range s.objects[key] {
		if slices.Contains(before, told) {
			continue
		}
		for _, o := range objects {
			if !o.hasOne(before) {
				o.Healed, o.Fails = at, nil
			}
		}
	}
}

func (o *object) hasOne(fields []string) bool {
	return slices.ContainsFunc(fields, func(f string) bool { return len(o.Values[f]) > 0 })
}

func (c *Collector) keepHealing(key string, h healing) {
	if h.At.Time.IsZero() {
		return
	}
	known := c.heals[key]
	if known == nil && len(c.heals) >= maxHealings {
		c.forgetHealings()
	}
	for i := range known {
		if known[i].Fields == h.Fields {
			if h.At.after(known[i].At) {
				known[i] = h
			}
			return
		}
	}
	c.heals[key] = append(known, h)
}

// forgetHealings makes room: good news about objects that have not failed so far goes,
// and if that is not enough, all of it that is older than the middle.
func (c *Collector) forgetHealings() {
	failed := make(map[string]bool)
	for _, s := range c.sources {
		for key := range s.objects {
			failed[key] = true
		}
	}
	before := len(c.heals)
	maps.DeleteFunc(c.heals, func(key string, _ []healing) bool { return !failed[key] })
	if len(c.heals) > maxHealings/2 {
		var times []time.Time
		for _, list := range c.heals {
			times = append(times, list[0].At.Time)
		}
		slices.SortFunc(times, time.Time.Compare)
		middle := times[len(times)/2]
		maps.DeleteFunc(c.heals, func(_ string, list []healing) bool { return !list[0].At.Time.After(middle) })
	}
	c.notes["objects whose success was forgotten to save memory; only faults of sources read later could need it"] += before - len(c.heals)
}

// after orders moments of several sources: by time, then by source and place, so that
// the order of arrival does not matter.
func (m moment) after(o moment) bool {
	switch {
	case !m.Time.Equal(o.Time):
		return m.Time.After(o.Time)
	case m.Source != o.Source:
		return m.Source > o.Source
	}
	return m.Offset > o.Offset
}

// healedBy returns the latest good news about an object in any source.
func (c *Collector) healedBy(r *Rule, o *object) *moment {
	best := o.Healed
	for _, name := range sortedKeys(o.Values) {
		for _, v := range o.Values[name] {
			for _, h := range c.heals[healKey(r, name, v)] {
				if o.hasOne(strings.Fields(h.Fields)) || h.At.Source == o.Last.Source {
					continue
				}
				if at := h.At; at.Time.After(o.Last.Time) && !o.Last.Time.IsZero() && (best == nil || at.after(*best)) {
					best = &at
				}
			}
		}
	}
	return best
}

// A past holds the failures of all objects over all sources, by time.
type past struct {
	objects map[string][]failure // of each object; see Rule.pastKey
	around  map[string][]failure // of the objects that are not well, by what they lie in: the folder
}

func (c *Collector) failures() past {
	p := past{make(map[string][]failure), make(map[string][]failure)}
	for _, path := range sortedKeys(c.sources) {
		for _, f := range c.sources[path].order {
			for id, o := range f.Objects {
				if id == "" {
					continue
				}
				key := f.rule.pastKey(id)
				p.objects[key] = append(p.objects[key], o.Fails...)
				if c.healedBy(f.rule, o) != nil {
					continue
				}
				for _, wide := range o.around(f.rule, id) {
					key := f.rule.pastKey(wide)
					p.around[key] = append(p.around[key], o.Fails...)
				}
			}
		}
	}
	byTime(p.objects)
	byTime(p.around)
	return p
}

func byTime(lists map[string][]failure) {
	for _, list := range lists {
		slices.SortStableFunc(list, func(a, b failure) int { return sign(b.after(a.moment), a.after(b.moment)) })
	}
}

// pastKey names an object in the past. Rules of one table that follow persistence share
// it: a UUID that is "in use" today and "already mapped" tomorrow is one object failing.
func (r *Rule) pastKey(id string) string {
	if r.Persist != nil && r.Table != "" {
		return "table " + r.Table + "\x00" + id
	}
	return r.ID + "\x00" + id
}

// around returns the ids of what the object lies in: the values of the key's fields
// behind the one that tells the object.
func (o *object) around(r *Rule, id string) []string {
	var out []string
	told := false
	for _, name := range r.objectKey() {
		name = fold(name)
		if told {
			for _, v := range o.Values[name] {
				out = append(out, name+" "+v)
			}
		}
		told = told || strings.HasPrefix(id, name+" ")
	}
	return out
}

// persistence returns the first and the deciding failure of an object that failed
// often enough since good news was last heard of it. Failures without a time can only
// be compared inside their source.
func (p *Persist) persistence(fails []failure, since *moment, apart time.Duration) (from, to failure, ok bool) {
	for _, list := range inTime(fails) {
		if from, to, ok = p.repeated(list, since, apart); ok {
			return from, to, true
		}
	}
	return from, to, false
}

// inTime parts failures into those with a time and those without, by source.
func inTime(fails []failure) [][]failure {
	var timed []failure
	untimed := make(map[string][]failure)
	for _, f := range fails {
		if f.Time.IsZero() {
			untimed[f.Source] = append(untimed[f.Source], f)
		} else {
			timed = append(timed, f)
		}
	}
	lists := [][]failure{timed}
	for _, source := range sortedKeys(untimed) {
		lists = append(lists, untimed[source])
	}
	return lists
}

func (p *Persist) repeated(fails []failure, since *moment, apart time.Duration) (from, to failure, ok bool) {
	n := 0
	for _, f := range fails {
		if since != nil && !f.Time.IsZero() && !f.Time.After(since.Time) {
			continue
		}
		switch {
		case n == 0:
			from, to, n = f, f, 1
		case separate(to, f, apart):
			to = f
			n++
		}
		if n >= p.Times {
			return from, to, true
		}
	}
	return from, to, false
}
