package pipeline

import (
	"context"
	"slices"

	"oxtail/detectors"
	"oxtail/internal/source"
)

// Scan reads everything that paths name and returns what is wrong with it. The
// error is that of ctx, of a bad glob, or of opts.Visit; what could not be read is
// in Result.Skipped. When ctx ends, the Result holds what was found until then.
func Scan(ctx context.Context, paths []string, opts Options) (*Result, error) {
	s := newScan(ctx, opts)
	go s.collect()
	skipped, err := source.Walk(ctx, paths, opts.Walk, s.visit)
	close(s.jobs)
	<-s.collected
	res := s.result(skipped)
	return res, err
}

// A scan is the state of one Scan.
type scan struct {
	opts      Options
	worker    *worker
	slots     chan struct{} // one for each stream that is read at the same time
	jobs      chan *job     // in the order of the walk
	collected chan struct{} // closed when all jobs were taken

	collector *detectors.Collector
	strange   *detectors.Templates
	sources   []Source
}

// jobsAhead is how many streams may wait for their turn to be taken.
const jobsAhead = 64

func newScan(ctx context.Context, opts Options) *scan {
	return &scan{
		opts:      opts,
		worker:    &worker{ctx: ctx, opts: opts, matcher: detectors.NewMatcher(opts.Rules), filters: newPrefilters(opts.Rules)},
		slots:     make(chan struct{}, opts.jobs()),
		jobs:      make(chan *job, jobsAhead),
		collected: make(chan struct{}),
		collector: detectors.NewCollector(opts.Rules),
		strange:   detectors.NewTemplates(),
	}
}

// visit starts to read a stream as soon as there is a slot. Jobs get their slots in
// the order in which they are taken, so the one whose turn it is always has one.
func (s *scan) visit(st *source.Stream) error {
	if s.opts.Visit != nil {
		if err := s.opts.Visit(st); err != nil {
			return err
		}
	}
	j := &job{stream: st, out: make(chan batch, batchesAhead)}
	s.slots <- struct{}{}
	s.jobs <- j
	if st.Once { // the stream is gone when visit returns
		defer func() { <-s.slots }()
		s.worker.run(j)
		return nil
	}
	go func() {
		defer func() { <-s.slots }()
		s.worker.run(j)
	}()
	return nil
}

// collect takes the batches of all jobs in order.
func (s *scan) collect() {
	defer close(s.collected)
	for j := range s.jobs {
		for b := range j.out {
			s.take(j.stream.Path, b)
		}
		s.collector.EndSource(j.stream.Path)
		s.sources = append(s.sources, j.src)
	}
}

func (s *scan) take(path string, b batch) {
	for _, hits := range b.hits {
		s.collector.Add(hits...)
	}
	for _, t := range b.ticks {
		s.collector.ObserveTime(path, t)
	}
	for _, rec := range b.strange {
		s.strange.Add(rec, path)
	}
}

func (s *scan) result(skipped []source.Skipped) *Result {
	res := &Result{
		Sources: s.sources, Findings: s.collector.Findings(), Templates: s.strange.List(),
		Skipped: skipped, Notes: s.collector.Notes(),
	}
	res.conclude()
	res.summarize()
	return res
}

// bySource returns the findings that name each source: their own, or as evidence.
func bySource(findings []detectors.Finding) map[string][]detectors.Finding {
	about := make(map[string][]detectors.Finding)
	for _, f := range findings {
		if f.Source != "" {
			about[f.Source] = append(about[f.Source], f)
			continue
		}
		var named []string
		for _, ev := range f.Evidence {
			if !slices.Contains(named, ev.Source) {
				named = append(named, ev.Source)
				about[ev.Source] = append(about[ev.Source], f)
			}
		}
	}
	return about
}

// conclude sums up what the findings say of the source.
func (s *Source) conclude(own []detectors.Finding) {
	s.FailedItems, s.Codes, s.Folders = 0, nil, nil
	for _, f := range own {
		s.FailedItems += f.FailedItems
		s.Codes = appendNew(s.Codes, f.Codes)
		s.Folders = appendNew(s.Folders, f.Folders)
		if s.Mailbox == "" {
			s.Mailbox = f.Mailbox
		}
	}
	s.Verdict, s.Action = detectors.SourceVerdict(own)
	if s.unjudged(len(own)) {
		s.Verdict, s.Action = detectors.Unknown, detectors.Manual
	}
}

// unjudged reports whether nothing can be said of the source: it is no log, or it
// was not read to its end and what was read is well. The rest may not be. Of a registry
// file without findings all contradictions were looked for; of a store only the header.
func (s *Source) unjudged(findings int) bool {
	switch s.Kind {
	case source.KindLog, source.KindItem, source.KindEvtx, source.KindProfile, source.KindHive:
		return s.Err != nil && !detectors.Worse(s.Verdict, detectors.Informational)
	}
	return findings == 0
}

func appendNew(list, more []string) []string {
	for _, m := range more {
		if !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}
