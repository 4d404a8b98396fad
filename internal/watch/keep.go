package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"oxtail/internal/indexing"
	"oxtail/internal/report"
	"oxtail/internal/tail"
	"oxtail/parser"
)

// A Store takes records for good: an indexing.Live is one. A record that it has already
// may be added again; repeats vanish by the generation's key and the record's offset.
type Store interface {
	// Add takes the next record of a generation; it is the store's from now on.
	Add(indexing.Generation, *parser.Record) error

	// Commit brings all records so far to the disk.
	Commit() error

	// Forget tells that a generation is not needed for a while, to free memory.
	Forget(key string) error

	// Close commits and ends the use.
	Close() error
}

const (
	// keepBytes is how much text may wait for the store. When it is full, reading waits;
	// the logs are the buffer.
	keepBytes = 32 << 20

	// recordBytes is what a record needs in memory beside its text.
	recordBytes = 500

	// forgetAfter is how many checkpoints a generation may be without records before the
	// store may forget it.
	forgetAfter = 20
)

// A keeper brings records into the store and then the checkpoint to the disk, in this
// order, in a goroutine of its own: neither a slow disk nor a slow index keeps the
// faults from being told. When the store fails it is opened again, with pauses that grow,
// and gets what was not committed. When too much waits meanwhile, it is given up: the
// checkpoint stays where it is, so that the next start reads and stores the rest.
//
// Before start, and for whoever never calls it, all is done at once.
type keeper struct {
	open  func() (Store, error) // nil: there is no store
	store Store
	save  func(state []byte) error // nil: no state is kept
	pause func(time.Duration)      // between two tries; ends at once when the keeper ends
	stop  context.CancelFunc       // ends such a pause
	now   func() time.Time

	mu      sync.Mutex
	turn    sync.Cond
	jobs    []keepJob
	waiting int64 // bytes of jobs that are not done
	records int   // the same, records
	asked   int   // checkpoints that are not done
	running bool
	ended   bool
	lastTry bool // after the end
	givenUp bool
	trouble error
	news    []error // not yet told
	settled bool    // the same
	took    time.Duration
	sent    int64
	dropped int64

	held []keepJob      // records since the last commit; of the goroutine alone, as what follows
	used map[string]int // key of a generation → number of the commit after its last record
	done int            // commits
	gone chan struct{}  // closed when it has ended
}

// A keepJob is one record, or a checkpoint when rec is nil.
type keepJob struct {
	gen   indexing.Generation
	rec   *parser.Record
	state []byte
	syncs []func() error
	asked time.Time
}

func (j *keepJob) size() int64 {
	if j.rec == nil {
		return 0
	}
	return int64(len(j.rec.Raw)) + recordBytes
}

func newKeeper(opts *Options) (*keeper, error) {
	ctx, stop := context.WithCancel(context.Background())
	k := &keeper{open: opts.Index, stop: stop, now: opts.Now, used: map[string]int{}, gone: make(chan struct{})}
	k.turn.L = &k.mu
	var waker tail.Waker = tail.Timer{}
	if opts.Retry != nil {
		waker = opts.Retry
	}
	k.pause = func(d time.Duration) { waker.Wait(ctx, d) }
	if opts.Folder != nil {
		k.save = opts.Folder.Save
	}
	if k.open == nil {
		return k, nil
	}
	var err error
	k.store, err = k.open()
	return k, err
}

// start begins the goroutine.
func (k *keeper) start() {
	k.running = true
	go k.run()
}

// record hands a record to the store. It waits while too much is before it.
func (k *keeper) record(g indexing.Generation, rec *parser.Record) {
	if k.open == nil {
		return
	}
	c := *rec
	c.Raw = bytes.Clone(rec.Raw) // the piece that it is part of is used again
	k.put(keepJob{gen: g, rec: &c})
}

// checkpoint lets the state be saved when all records before it are stored.
func (k *keeper) checkpoint(state []byte, syncs []func() error) {
	k.put(keepJob{state: state, syncs: syncs, asked: k.now()})
}

func (k *keeper) put(j keepJob) {
	k.mu.Lock()
	for k.running && !k.givenUp && j.rec != nil && k.waiting > keepBytes {
		if k.trouble != nil {
			k.giveUp()
			break
		}
		k.turn.Wait()
	}
	if k.givenUp {
		if j.rec != nil {
			k.dropped++
		}
		k.mu.Unlock()
		return
	}
	k.count(&j, 1)
	if !k.running {
		k.mu.Unlock()
		k.do(&j)
		k.mu.Lock()
		k.count(&j, -1)
		k.mu.Unlock()
		return
	}
	k.jobs = append(k.jobs, j)
	k.turn.Broadcast()
	k.mu.Unlock()
}

// count keeps the numbers of what waits; sign is 1 or -1.
func (k *keeper) count(j *keepJob, sign int) {
	k.waiting += int64(sign) * j.size()
	if j.rec != nil {
		k.records += sign
	} else {
		k.asked += sign
	}
}

// giveUp ends the storing; mu is held.
func (k *keeper) giveUp() {
	k.givenUp = true
	k.news = append(k.news, fmt.Errorf("%w: it is given up; the state stays where it is, and the next start reads and indexes the rest", k.trouble))
}

// ready reports whether another checkpoint may be asked for.
func (k *keeper) ready() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.asked == 0 && !k.givenUp
}

// keepNews is what a keeper did since it was asked last.
type keepNews struct {
	errs    []error
	settled bool          // a checkpoint was saved
	took    time.Duration // the last checkpoint
}

// tell returns what happened since the last call.
func (k *keeper) tell() keepNews {
	k.mu.Lock()
	defer k.mu.Unlock()
	news := keepNews{k.news, k.settled, k.took}
	k.news, k.settled = nil, false
	return news
}

func (k *keeper) run() {
	defer close(k.gone)
	for {
		k.mu.Lock()
		for len(k.jobs) == 0 && !k.ended {
			k.turn.Wait()
		}
		jobs := k.jobs
		k.jobs = nil
		k.mu.Unlock()
		if len(jobs) == 0 {
			return
		}
		for i := range jobs {
			k.do(&jobs[i])
			k.mu.Lock()
			k.count(&jobs[i], -1)
			k.turn.Broadcast()
			k.mu.Unlock()
		}
	}
}

// do stores a record, or commits and saves the state.
func (k *keeper) do(j *keepJob) {
	if k.isGivenUp() {
		return
	}
	if j.rec != nil {
		k.held = append(k.held, *j)
		if err := k.add(j); err != nil {
			k.recover(err)
		}
		return
	}
	if k.open != nil {
		if err := k.commit(); err != nil {
			return
		}
	}
	k.finish(j)
}

func (k *keeper) isGivenUp() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.givenUp
}

func (k *keeper) add(j *keepJob) error {
	c := *j.rec // a store that fails may have changed it
	k.used[j.gen.Key] = k.done
	return k.store.Add(j.gen, &c)
}

// commit tries until what is held is stored, or the store is given up.
func (k *keeper) commit() error {
	err := k.store.Commit()
	for err != nil {
		if !k.recover(err) {
			return err
		}
		err = k.store.Commit()
	}
	k.mu.Lock()
	k.sent += int64(len(k.held))
	k.mu.Unlock()
	k.held = k.held[:0]
	k.done++
	for key, at := range k.used {
		if k.done-at > forgetAfter {
			delete(k.used, key)
			_ = k.store.Forget(key) // all is committed: nothing is left that may fail
		}
	}
	return nil
}

// finish saves the state: all that it counts as done is stored.
func (k *keeper) finish(j *keepJob) {
	var err error
	for _, sync := range j.syncs {
		err = errors.Join(err, sync())
	}
	if err == nil && k.save != nil && j.state != nil {
		err = k.save(j.state)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.took, k.settled = k.now().Sub(j.asked), true
	if err != nil {
		k.news = append(k.news, errUnsaved{err})
	}
}

// errUnsaved says that a checkpoint was not written.
type errUnsaved struct{ error }

// Unwrap returns the reason.
func (e errUnsaved) Unwrap() error { return e.error }

// recover opens the store again and gives it what is held. It reports whether that
// succeeded; it fails only when the store is given up.
func (k *keeper) recover(err error) bool {
	k.mu.Lock()
	k.trouble = err
	k.news = append(k.news, fmt.Errorf("%w; it is tried again", err))
	k.mu.Unlock()
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		if k.store != nil {
			_ = k.store.Close() // it has failed; what it held is held here, too
			k.store = nil
		}
		if !k.wait(pause) {
			return false
		}
		if err = k.reopen(); err == nil {
			k.mu.Lock()
			k.trouble = nil
			k.mu.Unlock()
			return true
		}
	}
}

// wait pauses between two tries. It reports whether there shall be another one: at the
// end of the watch there is one, without a pause.
func (k *keeper) wait(pause time.Duration) bool {
	k.mu.Lock()
	over := k.ended && k.lastTry || k.givenUp || !k.running
	k.lastTry = k.ended
	if over && !k.givenUp {
		k.giveUp()
	}
	k.mu.Unlock()
	if over {
		return false
	}
	k.pause(pause)
	return true
}

func (k *keeper) reopen() error {
	var err error
	if k.store, err = k.open(); err != nil {
		k.store = nil
		return err
	}
	clear(k.used)
	for i := range k.held {
		if err := k.add(&k.held[i]); err != nil {
			return err
		}
	}
	return nil
}

// end waits until everything is done and closes the store.
func (k *keeper) end() error {
	k.mu.Lock()
	k.ended = true
	k.turn.Broadcast()
	running := k.running
	k.mu.Unlock()
	k.stop()
	if running {
		<-k.gone
	}
	if k.givenUp {
		return fmt.Errorf("%w; the next start reads and indexes what is missing", k.trouble)
	}
	if k.store == nil {
		return nil
	}
	return k.store.Close()
}

// status says how the store is doing; ok is false when there is none.
func (k *keeper) status() (st report.SinkStatus, ok bool) {
	if k.open == nil {
		return st, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	st = report.SinkStatus{Name: "index", Queue: k.records, Sent: k.sent, Dropped: k.dropped}
	if k.trouble != nil {
		st.Error = k.trouble.Error()
	}
	return st, true
}
