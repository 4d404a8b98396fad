package watch

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"oxtail/detectors"
	"oxtail/internal/indexing"
	"oxtail/internal/report"
	"oxtail/internal/tail"
	"oxtail/parser"
)

const (
	// DefaultPoll is the longest time between two looks at the files.
	DefaultPoll = time.Second

	// shortPoll is the same while something waits for its writer to be silent. It looks
	// more often than that only while logs grow.
	shortPoll = 60 * time.Millisecond

	// judgeEvery is the least time between two looks at the findings.
	judgeEvery = 50 * time.Millisecond

	// judgeShare bounds their work when there are thousands of sources: the next look
	// waits this many times as long as the last one took.
	judgeShare = 4

	// saveEvery is how old a checkpoint may be while there is news.
	saveEvery = 500 * time.Millisecond

	// saveShare bounds the time that reading stands still for saving: the next one waits
	// this many times as long as the last state took to be put together.
	saveShare = 20

	// keepShare does the same for what is done beside the reading: bringing records into
	// the index, and the state to the disk.
	keepShare = 3

	// statusEvery is how often the status is written when nothing happens.
	statusEvery = 10 * time.Second

	// statusSoon is how often it is written when files come or go, as at the start.
	statusSoon = 500 * time.Millisecond

	// DefaultQuiet is how long nothing must be heard of a fault until it counts as silent.
	DefaultQuiet = 30 * time.Minute

	// DefaultCoolDown is the least time between two notices of one fault.
	DefaultCoolDown = 15 * time.Minute

	// maxLossesShown is how many losses a status lists.
	maxLossesShown = 50
)

// Options are the choices of a Watcher.
type Options struct {
	Patterns []string
	FS       tail.FS          // required
	Now      func() time.Time // required
	Rules    *detectors.Rules // required
	Formats  []parser.Format
	Encoding parser.Encoding
	Zone     *time.Location
	Start    tail.Start

	// NoArchives says that compressed siblings of followed files, and rotated ones outside
	// of the patterns that were there before, are not read.
	NoArchives bool

	Since   time.Time // records before it are not judged, files not changed since are begun at their end
	Folder  *Folder   // nil: no state is kept
	Outputs []Output

	// Index, if set, opens the index that takes all records. It is opened again when it failed.
	Index func() (Store, error)
	Retry tail.Waker // times the pauses between two tries; nil: a tail.Timer

	Feeds    []Feed // that find faults beside those of logs
	Records  bool   // every record goes to the outputs
	Colour   bool   // of text
	Quiet    time.Duration
	CoolDown time.Duration
	Least    detectors.Severity   // lighter findings are not told
	Skip     func(string) bool    // paths that are not followed; nil: none
	Stop     func() bool          // see tail.Options
	Version  string               // of the program, for the status
	Metrics  *Metrics             // gives out the status; nil: nobody asks
	Warn     func(message string) // told what the user should know, also from other goroutines; nil: nobody
}

// A Watcher follows files and tells the outputs. It is not safe for concurrent use.
type Watcher struct {
	opts      Options
	tail      *tail.Tailer
	reading   *reading
	matcher   *detectors.Matcher
	ahead     *ahead
	collector *detectors.Collector
	episodes  *Episodes
	fed       *fed
	keeper    *keeper
	packed    packed
	resumed   bool
	polls     int             // looks since New
	quit      <-chan struct{} // closed when the watch has to end; nil: it is driven by Step
	streams   map[string]*stream
	ticks     map[string]int64 // source → second of its last tick

	started   time.Time
	records   int64
	hits      bool // findings may have changed
	caughtUp  bool // the first pass over all files is over
	live      bool // what that pass found was told: what comes now is new
	dirty     bool
	judged    time.Time
	judgeTook time.Duration
	savedAt   time.Time
	saveTook  time.Duration
	statusAt  time.Time
	told      int // files that the status written last told of
	watchdog  watchdog
	published time.Time
	lines     int64
	lag       time.Duration
	lagAt     time.Time
	failure   error  // of an output
	behind    string // why an output has not written what it was told
	saveError string
}

// New returns a Watcher that goes on where the state folder says.
func New(opts Options) (*Watcher, error) {
	if opts.Quiet == 0 {
		opts.Quiet = DefaultQuiet
	}
	if opts.CoolDown == 0 {
		opts.CoolDown = DefaultCoolDown
	}
	w := &Watcher{
		opts: opts, started: opts.Now(), streams: map[string]*stream{}, ticks: map[string]int64{},
		reading: &reading{formats: opts.Formats, encoding: opts.Encoding, zone: opts.Zone, now: opts.Now},
		matcher: detectors.NewMatcher(opts.Rules), collector: detectors.NewCollector(opts.Rules),
	}
	w.ahead = newAhead(opts.FS, w.reading, w.matcher)
	t, err := tail.New(opts.Patterns, tail.Options{
		Ahead: w.ahead.coming, Siblings: !opts.NoArchives,
		FS: opts.FS, Now: opts.Now, Start: opts.Start, Since: opts.Since, Skip: opts.Skip, Stop: opts.Stop,
		Accept: func(_ string, head []byte) bool { return looksLikeText(head) },
	})
	if err != nil {
		return nil, err
	}
	w.tail = t
	w.episodes, w.fed = NewEpisodes(opts.Quiet, opts.CoolDown, opts.Least, nil), newFed(nil)
	if err := w.load(); err != nil {
		return nil, err
	}
	w.keeper, err = newKeeper(&w.opts)
	return w, err
}

// load restores the saved state. One that cannot be used is set aside and told.
func (w *Watcher) load() error {
	if w.opts.Folder == nil {
		return nil
	}
	data, err := w.opts.Folder.Load()
	if err != nil {
		return fmt.Errorf("read the state: %w", err)
	}
	if data == nil {
		return nil
	}
	var s saved
	if err := json.Unmarshal(data, &s); err == nil && s.Version == stateVersion {
		w.restore(&s)
		return nil
	}
	if err := w.opts.Folder.SetAside(); err != nil {
		return fmt.Errorf("set an unusable state aside: %w", err)
	}
	w.warn("the state cannot be used: it is cut off or of another version; it is kept as watch.json.bad, and all files are read anew")
	w.tail.Lose(tail.Loss{
		Source: stateName, To: tail.OpenEnd, Possible: true, Time: w.opts.Now(),
		Why: tail.WhyCheckpoint + ": all files are read from where a first start begins them",
	})
	return nil
}

func (w *Watcher) warn(message string) {
	if w.opts.Warn != nil {
		w.opts.Warn(message)
	}
}

func (w *Watcher) restore(s *saved) {
	w.tail.Restore(s.Tail)
	w.resumed, w.packed.list = true, s.Packed
	if s.Streams != nil {
		w.streams = s.Streams
	}
	w.episodes, w.fed = NewEpisodes(w.opts.Quiet, w.opts.CoolDown, w.opts.Least, s.Episodes), newFed(s.Fed)
	for _, o := range w.opts.Outputs {
		if q, ok := o.(*Queue); ok {
			q.Restore(s.Outbox[q.Status().Name])
		}
	}
	c, err := detectors.RestoreCollector(w.opts.Rules, s.Collector)
	if err != nil {
		w.warn(err.Error() + "; findings begin anew")
		return
	}
	w.collector, w.hits = c, true
}

// Run watches until ctx ends, then saves the state. The error is that of an output or of
// the state folder.
func (w *Watcher) Run(ctx context.Context, waker tail.Waker) error {
	beside, stop := context.WithCancel(ctx)
	wait := w.beside(beside)
	w.keeper.start()
	w.quit = ctx.Done()
	var err error
	if e := w.saveStatus(true); e != nil { // the first look may take a while
		w.warnSave([]error{errUnsaved{e}})
	}
	for err == nil && ctx.Err() == nil {
		var more bool
		if more, err = w.Step(); err == nil && !more {
			w.pause(ctx, waker)
		}
	}
	stop()
	wait()
	w.warnFeeds()
	if e := w.finish(); err == nil {
		err = e
	}
	return err
}

// beside starts what runs beside the reading, and returns what waits for its end.
func (w *Watcher) beside(ctx context.Context) (wait func()) {
	var all sync.WaitGroup
	all.Go(w.fed.run(ctx, w.opts.Feeds))
	all.Go(func() { w.watchdog.run(ctx, w.opts.Now, w.warn) })
	if m := w.opts.Metrics; m != nil {
		all.Go(func() {
			if err := m.serve(ctx); err != nil {
				w.warn(err.Error() + "; the watch goes on without them")
			}
		})
	}
	return all.Wait
}

// pause waits until there may be something new.
func (w *Watcher) pause(ctx context.Context, waker tail.Waker) {
	if n, ok := waker.(*tail.Notifier); ok {
		n.Watch(w.tail.Dirs())
	}
	pause := DefaultPoll
	if w.tail.Counts().Behind > 0 || w.hits || w.packed.current != nil {
		pause = shortPoll
	}
	ctx, done := w.fed.pause(ctx)
	defer done()
	waker.Wait(ctx, pause)
}

// Step looks at everything once. It reports whether there is more to do at once.
func (w *Watcher) Step() (more bool, err error) {
	now := w.opts.Now()
	w.noteLag(now)
	if more = w.readPacked(); !more {
		w.polls++
		more = w.tail.Poll(w.take) || w.packed.current != nil && len(w.packed.current.records) > 0
		w.ahead.coming(nil)
	}
	w.caughtUp = w.caughtUp || !more
	if !more {
		w.watchdog.read(now, w.opts.Now())
	}
	now = w.opts.Now()
	if w.caughtUp && (now.Sub(w.judged) >= max(judgeEvery, judgeShare*w.judgeTook) || now.Before(w.judged)) {
		w.judge(now)
	}
	w.tellLosses()
	w.warnFeeds()
	if w.failure != nil {
		return false, w.failure
	}
	if err := w.flush(); err != nil {
		return false, err
	}
	w.mayCheckpoint(now)
	w.publish(now)
	return more, nil
}

// noteLag keeps the longest lag of the last minute.
func (w *Watcher) noteLag(now time.Time) {
	if now.Sub(w.lagAt) > time.Minute || now.Before(w.lagAt) {
		w.lag, w.lagAt = 0, now
	}
	w.lag = max(w.lag, w.watchdog.lag(now))
	for _, x := range w.watchdog.take() {
		w.put(&Event{Kind: KindLag, Lag: &x, Text: x.Text() + "\n"})
	}
}

// publish lets others see the status.
func (w *Watcher) publish(now time.Time) {
	if since := now.Sub(w.published); w.opts.Metrics == nil || since < metricsEvery && since >= 0 {
		return
	}
	w.published = now
	st := w.Status()
	w.opts.Metrics.status.Store(&st)
}

// take is the tail.Consumer: it makes records of a piece.
func (w *Watcher) take(p *tail.Piece) int {
	s := w.streams[p.Key]
	if s == nil || p.Offset < s.At.Offset { // the latter: the identity was given to a new file
		s = &stream{Source: p.Source}
		w.streams[p.Key] = s
	}
	w.dirty = true
	if x := w.ahead.of(p); x != nil && !s.begun {
		if !p.Old {
			return 0 // it comes again at once, as old
		}
		w.streams[p.Key] = x.stream
		for i, rec := range x.records {
			w.record(x.stream, x.stream.key(p), p.ModTime, rec, x.hits[i])
		}
		return x.settled
	}
	return s.feed(w.reading, p, func(rec *parser.Record) { w.record(s, s.key(p), p.ModTime, rec, s.match(w.matcher, rec)) })
}

// record hands a record on, with what the rules say of it.
func (w *Watcher) record(s *stream, key string, mod time.Time, rec *parser.Record, hits []detectors.Hit) {
	w.records++
	w.lines += int64(max(1, bytes.Count(rec.Raw, []byte{'\n'})))
	w.tick(s.Source, rec)
	if !w.inside(rec) {
		return
	}
	w.keeper.record(indexing.Generation{Key: key, Path: s.Source, Format: s.formatName(), Encoding: s.encod, ModTime: mod}, rec)
	if len(hits) > 0 {
		w.collector.Add(hits...)
		w.hits = true
	}
	if w.opts.Records {
		r := report.FromRecord(s.Source, rec)
		w.put(&Event{Kind: KindRecord, Record: &r, Text: report.RecordText(&r)})
	}
}

// tick tells the collector the time of a record whose second is not that of the one before.
func (w *Watcher) tick(source string, rec *parser.Record) {
	if rec.Basis <= parser.TimeInherited {
		return
	}
	if second, ok := w.ticks[source]; ok && second == rec.Time.Unix() {
		return
	}
	w.ticks[source] = rec.Time.Unix()
	w.collector.ObserveTime(source, detectors.Tick{Time: rec.Time, Offset: rec.Offset, Length: len(rec.Raw), Line: rec.Line})
}

// inside reports whether a record is in the time that was asked for.
func (w *Watcher) inside(rec *parser.Record) bool {
	return w.opts.Since.IsZero() || rec.Basis == parser.TimeNone || !rec.Time.Before(w.opts.Since)
}

// judge looks at the findings and tells what is new about them.
func (w *Watcher) judge(now time.Time) {
	if !w.hits && !w.fed.fresh() && now.Sub(w.judged) < w.opts.Quiet/10 && !now.Before(w.judged) {
		return
	}
	w.hits, w.judged = false, now
	w.episodes.Old = w.packed.paths
	standing, stale := w.fed.take()
	told := w.episodes.Update(w.collector.Findings(), now, w.live)
	told = append(told, w.episodes.UpdateStanding(standing, now)...)
	told = append(told, w.episodes.Update(stale, now, true)...)
	for _, told := range told {
		f := report.NewFinding(&told.Finding)
		e := report.NewEpisode(told.Episode.ID, string(told.Episode.State), told.Finding.ID, told.Episode.First, told.Episode.Last, told.Episode.LastGood, told.Episode.Count)
		w.put(&Event{Kind: KindEpisode, Episode: &e, Finding: &f, Text: report.EpisodeText(&e, &f, now, w.opts.Colour)})
		w.dirty = true
	}
	w.live = true
	w.judgeTook = w.opts.Now().Sub(now)
}

// warnFeeds tells which feeds ended.
func (w *Watcher) warnFeeds() {
	for _, err := range w.fed.failures() {
		w.warn(err.Error() + "; the watch goes on without it")
	}
}

func (w *Watcher) tellLosses() {
	for _, x := range w.tail.NewLosses() {
		l := lossOf(&x)
		w.put(&Event{Kind: KindLoss, Loss: &l, Text: l.Text() + "\n"})
		w.dirty = true
	}
}

func lossOf(x *tail.Loss) report.Loss {
	return report.NewLoss(x.Source, x.From, x.To, x.Why, x.Possible, x.Time)
}

func (w *Watcher) put(e *Event) {
	for _, o := range w.opts.Outputs {
		if err := o.Put(e); err != nil && w.failure == nil {
			w.failure = err
		}
	}
}

func (w *Watcher) flush() error {
	for _, o := range w.opts.Outputs {
		if err := o.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// mayCheckpoint saves the state when there is news and the last one is old enough, and
// the status from time to time.
func (w *Watcher) mayCheckpoint(now time.Time) {
	news := w.keeper.tell()
	w.warnSave(news.errs)
	old := now.Sub(w.savedAt)
	if w.dirty && (old >= max(saveEvery, saveShare*w.saveTook, keepShare*news.took) || old < 0) && w.keeper.ready() && w.written() {
		w.savedAt = now
		err := w.checkpoint()
		w.saveTook = w.opts.Now().Sub(now)
		if err != nil {
			w.warnSave([]error{errUnsaved{err}})
		}
	}
	since := now.Sub(w.statusAt)
	if news.settled || since >= statusEvery || since < 0 || since >= statusSoon && w.tail.Counts().Files != w.told {
		if err := w.saveStatus(true); err != nil {
			w.warnSave([]error{errUnsaved{err}})
		}
	}
}

// written reports whether all outputs that keep what they are told have written it; it
// tells when one has not.
func (w *Watcher) written() bool {
	trouble := ""
	for _, o := range w.opts.Outputs {
		if f, ok := o.(*File); ok && f.Behind() {
			trouble = f.Status().Error
		}
	}
	if trouble != "" && w.behind == "" {
		w.warn(trouble + "; it is tried again, and the state waits for it")
	}
	w.behind = trouble
	return trouble == ""
}

// warnSave tells once that the state or the index cannot be written; reading goes on,
// and the next start repeats what was read since.
func (w *Watcher) warnSave(failures []error) {
	for _, err := range failures {
		if text := err.Error(); text != w.saveError {
			w.saveError = text
			if errors.As(err, &errUnsaved{}) {
				text += "; after a restart the newest records will be repeated"
			}
			w.warn(text)
		}
		w.dirty = true
	}
}

// checkpoint hands the state to the keeper. All outputs are flushed.
func (w *Watcher) checkpoint() error {
	var state []byte
	if w.opts.Folder != nil {
		var err error
		if state, err = w.state(); err != nil {
			return err
		}
	}
	var syncs []func() error
	for _, o := range w.opts.Outputs {
		if f, ok := o.(interface{ Syncer() func() error }); ok {
			syncs = append(syncs, f.Syncer())
		}
	}
	w.dirty = false
	w.keeper.checkpoint(state, syncs)
	return nil
}

// state returns what outlives a restart.
func (w *Watcher) state() ([]byte, error) {
	collector, err := w.collector.Save()
	if err != nil {
		return nil, err
	}
	s := saved{Version: stateVersion, Tail: w.tail.State(), Streams: map[string]*stream{}, Episodes: w.episodes.List(), Fed: w.fed.all(), Packed: w.packed.list, Outbox: map[string][]json.RawMessage{}}
	for _, f := range s.Tail.Files {
		if x := w.streams[f.Key()]; x != nil {
			s.Streams[f.Key()] = x
		}
	}
	w.streams = s.Streams // those of generations that are forgotten go
	for _, o := range w.opts.Outputs {
		if q, ok := o.(*Queue); ok && len(q.Waiting()) > 0 {
			s.Outbox[q.Status().Name] = q.Waiting()
		}
	}
	return s.encode(collector)
}

func (w *Watcher) saveStatus(running bool) error {
	w.statusAt = w.opts.Now()
	if w.opts.Folder == nil {
		return nil
	}
	st := w.Status()
	st.Running = running
	w.told = st.Files
	data, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("save the status: %w", err)
	}
	return w.opts.Folder.SaveStatus(data)
}

// finish saves the state and closes the outputs. Half a line stays for the next start.
func (w *Watcher) finish() error {
	w.packed.close()
	err := w.failure
	if e := w.flush(); err == nil {
		err = e
	}
	for _, o := range w.opts.Outputs { // before the state is saved: it keeps what they could not deliver
		if e := o.Close(); e != nil {
			text := e.Error()
			if q, ok := o.(*Queue); ok && len(q.Waiting()) > 0 && w.opts.Folder != nil {
				text += "; the next start delivers them"
			}
			w.warn(text)
		}
	}
	if err == nil && w.written() {
		err = w.checkpoint()
	}
	if e := w.keeper.end(); err == nil {
		err = e
	}
	for _, e := range w.keeper.tell().errs {
		if errors.As(e, &errUnsaved{}) {
			err = cmp.Or(err, e)
		} else {
			w.warn(e.Error())
		}
	}
	if e := w.saveStatus(false); e != nil && err == nil {
		err = e
	}
	w.tail.Close()
	return err
}

// Status says how the watch is doing.
func (w *Watcher) Status() report.WatchStatus {
	c := w.tail.Counts()
	st := report.WatchStatus{
		Schema: report.SchemaWatchStatus, Running: true, Version: w.opts.Version,
		Started: w.started.Format(time.RFC3339), Updated: w.opts.Now().Format(time.RFC3339),
		Files: c.Files, Bytes: c.Bytes, Lines: w.lines, Records: w.records, Behind: c.Behind, LagMS: w.lag.Milliseconds(),
		EpisodesOpen: w.episodes.Active(), EpisodesTotal: len(w.episodes.order),
	}
	if since := w.watchdog.laggingSince(); !since.IsZero() {
		st.LaggingSince = since.Format(time.RFC3339)
	}
	ledger := w.tail.Ledger()
	st.Gaps, st.PossibleGaps, st.LostBytes = ledger.Gaps()
	entries := ledger.Entries
	for i := range entries[max(0, len(entries)-maxLossesShown):] {
		x := &entries[max(0, len(entries)-maxLossesShown)+i]
		if x.Resolved.IsZero() {
			st.Losses = append(st.Losses, lossOf(x))
		}
	}
	if index, ok := w.keeper.status(); ok {
		st.Sinks = append(st.Sinks, index)
	}
	for _, o := range w.opts.Outputs {
		st.Sinks = append(st.Sinks, o.Status())
	}
	return st
}
