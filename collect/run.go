package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
)

// task is one source of a job on its way to an outcome.
type task struct {
	source
	recipe  *Recipe
	window  manifest.Window
	budget  *budget
	finder  *finder // of a source of files, when it has walked in time
	verdict *verdict
	raw     atomic.Int64
	total   int64 // estimate of raw bytes
	lastSay atomic.Int64
}

// tasks lists the sources that a job wants, in the order in which they run:
// configuration first, for it teaches the session the secrets that logs hold
// bare; then by priority.
func (j *Job) tasks(now time.Time) ([]*task, error) {
	var all []*task
	owner := map[string]string{}
	for _, r := range j.Recipes {
		b := newBudget(j.bound(r.limits).total)
		for _, s := range r.sources {
			s.limits = j.bound(s.limits)
			if other, twice := owner[s.id]; twice {
				return nil, fmt.Errorf("recipes %s and %s both have a source %q: collect one of them, or leave the source out", other, r.Name, s.id)
			}
			owner[s.id] = r.Name
			all = append(all, &task{source: s, recipe: r.Recipe, window: j.window(&s, now), budget: b, verdict: &verdict{}})
		}
	}
	ids := make([]string, len(all))
	for i, t := range all {
		ids[i] = t.id
	}
	for _, id := range slices.Concat(j.Only, j.Skip) {
		if !slices.Contains(ids, id) {
			return nil, &UnknownSourceError{ID: id, Nearest: Nearest(id, ids)}
		}
	}
	all = slices.DeleteFunc(all, func(t *task) bool {
		return len(j.Only) > 0 && !slices.Contains(j.Only, t.id) || slices.Contains(j.Skip, t.id)
	})
	slices.SortStableFunc(all, func(a, b *task) int {
		return cmp.Or(
			btoi(b.typ == manifest.Configuration)-btoi(a.typ == manifest.Configuration),
			b.priority-a.priority)
	})
	return all, nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

var labelForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// Run gathers. Each source ends in exactly one outcome; one that hangs or
// fails never costs another. An error means that nothing can be packed.
func Run(ctx context.Context, j Job) (_ *Collection, err error) {
	now := j.now()
	tasks, err := j.tasks(now)
	if err != nil {
		return nil, err
	}
	decided, err := j.rule()
	if err != nil {
		return nil, err
	}
	session, err := redact.NewSession(redact.Options{
		CaseKey: j.CaseKey, Keep: decided.keep, Rules: decided.rules, Known: ownIdentity(), Rand: j.random,
	})
	if err != nil {
		return nil, err
	}
	c := &Collection{job: j, decided: decided, session: session, tasks: tasks, began: now}
	if c.host = j.Label; c.host == "" {
		short, _ := hostName()
		c.host = session.Pseudonym(redact.Hostname, short)
	} else if !labelForm.MatchString(c.host) {
		return nil, fmt.Errorf("label %q: letters, digits, dots, _ and -, at most 64", clip(c.host))
	}
	c.name = fmt.Sprintf("%s_%s_%s", j.Case, c.host, now.UTC().Format("20060102T150405Z"))
	c.writer, err = manifest.NewWriter(manifest.WriterOptions{Name: c.name, Scratch: j.Scratch, Rand: j.random})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()

	// Two ways to end: the job's context undoes all, Stop keeps what is there.
	run, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-j.Stop:
			cancel(errInterrupted)
		case <-done:
		}
	}()

	av := newAvoid(j.Avoid)
	c.survey(run, av)
	defer func() {
		for _, t := range tasks {
			if t.finder != nil {
				t.finder.close()
			}
		}
	}()
	if j.Surveyed != nil {
		var total int64
		for _, t := range tasks {
			total += t.total
		}
		j.Surveyed(total)
	}
	c.orphans = adopt()
	err = c.runAll(run, cancel)
	c.orphans.release()
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// surveyTime is how long the walks may take before collecting begins without
// them: a file system that hangs must not hold up the others.
const surveyTime = 10 * time.Second

// survey walks what the sources of files name, then shares out the recipes'
// totals.
func (c *Collection) survey(ctx context.Context, av *avoid) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	slots := make(chan struct{}, 8)
	for _, t := range c.tasks {
		if t.kind != kindFiles {
			continue
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			slots <- struct{}{}
			defer func() { <-slots }()
			v := &verdict{}
			f := newFinder(ctx, t, av, v, c.session.Path)
			got, err := within(ctx, min(surveyTime, t.limits.timeout), func() (*finder, error) {
				f.find(t.files)
				return f, nil
			}, (*finder).close)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				t.finder, t.verdict = got, v
			case errors.Is(err, errStalled):
				t.verdict.note(manifest.Timeout, "its folders did not answer in time")
			default: // the context ended; the source says so itself
			}
		}()
	}
	wg.Wait()
	grant(c.tasks)
	for _, t := range c.tasks {
		if t.finder != nil {
			for i := range t.finder.files {
				if f := &t.finder.files[i]; f.max >= 0 {
					t.total += max(0, f.size)
				}
			}
		}
	}
}

func newFinder(ctx context.Context, t *task, av *avoid, v *verdict, say func(string) string) *finder {
	f := &finder{ctx: ctx, exclude: t.exclude, avoid: av, verdict: v, say: say}
	if windowed(t.typ) {
		f.since = t.window.Since
	}
	return f
}

// grant shares out each recipe's total among its files: higher priority
// first, then newer. Files are counted as they are on disk: how much is in a
// compressed one shows when it is opened, and the budget holds then.
func grant(tasks []*task) {
	type claim struct {
		f     *found
		limit int64
		prio  int
	}
	wanted := map[*budget]int64{}
	for _, t := range tasks {
		if t.finder != nil {
			for i := range t.finder.files {
				wanted[t.budget] += min(max(0, t.finder.files[i].size), t.limits.file)
			}
		}
	}
	for b, sum := range wanted {
		if sum <= b.total {
			continue
		}
		var list []claim
		for _, t := range tasks {
			if t.finder == nil || t.budget != b {
				continue
			}
			for i := range t.finder.files {
				list = append(list, claim{&t.finder.files[i], t.limits.file, t.priority})
			}
		}
		slices.SortStableFunc(list, func(x, y claim) int {
			return cmp.Or(y.prio-x.prio, y.f.mtime.Compare(x.f.mtime))
		})
		left := b.total
		for _, c := range list {
			want := min(max(0, c.f.size), c.limit)
			switch {
			case want <= left:
				left -= want
			case left >= 4096:
				c.f.max, left = left, 0
			default:
				c.f.max, left = -1, 0
			}
		}
	}
}

// runAll runs the tasks. Those that read and redact share the processors;
// those that mostly wait for something else have slots of their own.
func (c *Collection) runAll(ctx context.Context, cancel context.CancelCauseFunc) error {
	// Two at once, for each has the memory of some blocks and of a frame, and
	// each uses several processors: another begins while one ends.
	workers := c.job.Workers
	if workers <= 0 {
		workers = 2
	}
	busy, waiting := &errgroup.Group{}, &errgroup.Group{}
	busy.SetLimit(workers)
	waiting.SetLimit(max(8, workers))
	run := func(t *task) func() error {
		return func() error {
			err := c.run(ctx, t)
			if err != nil {
				cancel(err) // nothing can be packed: the others need not go on
			}
			return err
		}
	}
	// Waiting sources start at once; files of configuration are read before
	// any other file.
	first := &errgroup.Group{}
	first.SetLimit(workers)
	var files []*task
	var starters sync.WaitGroup
	starters.Add(1)
	go func() {
		defer starters.Done()
		for _, t := range c.tasks {
			if t.kind != kindFiles {
				waiting.Go(run(t))
			}
		}
	}()
	for _, t := range c.tasks {
		switch {
		case t.kind != kindFiles:
		case t.typ == manifest.Configuration:
			first.Go(run(t))
		default:
			files = append(files, t)
		}
	}
	err := first.Wait()
	for _, t := range files {
		busy.Go(run(t))
	}
	err = errors.Join(err, busy.Wait())
	starters.Wait()
	err = errors.Join(err, waiting.Wait())
	if err == nil {
		return nil
	}
	// What began it, not what it caused.
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, errInterrupted) {
		return cause
	}
	return err
}

// run brings one task to its outcome.
func (c *Collection) run(ctx context.Context, t *task) (err error) {
	c.tell(t, true)
	w, err := c.writer.Source(t.id, t.typ)
	if err != nil {
		return fmt.Errorf("source %q: %w", t.id, err)
	}
	g := &gatherer{
		ctx: ctx, session: c.session, base: t.base(), name: c.session.Path, store: bundleStore{w},
		limits: t.limits, budget: t.budget, scratch: c.job.Scratch,
		binary: t.binary && c.decided.binary, optional: t.optional, verdict: t.verdict,
		orphans: c.orphans,
		told:    func(n int64) { t.raw.Add(n); c.tell(t, false) },
	}
	// A fault in what reads one source must not cost the others.
	defer func() {
		if p := recover(); p != nil {
			t.verdict.note(manifest.Failed, "gave up: "+c.session.Text(fmt.Sprint(p)))
			err = nil
		}
		if err != nil {
			err = fmt.Errorf("source %q: %w", t.id, err)
			return
		}
		if err = w.Close(); err != nil {
			err = fmt.Errorf("source %q: %w", t.id, err)
			return
		}
		t.verdict.close(t.optional, t.binary && !c.decided.binary)
		c.tellEnd(t)
	}()
	if ctx.Err() != nil {
		return g.ended()
	}
	switch t.kind {
	case kindFiles:
		if t.finder == nil {
			return nil
		}
		return g.files(t.finder)
	case kindCommand:
		return g.command(t.command, cleanEnv(), "stdout", false)
	case kindJournal:
		return g.journal(t.units, t.window)
	case kindHTTP:
		return g.get(t.url, nil)
	case kindFacts:
		return g.facts(t.source.facts)
	case kindContainers:
		return g.containers(t.source.containers, t.window)
	}
	return fmt.Errorf("no such kind %q", t.kind)
}

// base is what the paths of the task's texts begin with.
func (t *task) base() string {
	if t.kind == kindFiles {
		return "/"
	}
	return t.id
}

// tell reports progress, at most some times a second.
func (c *Collection) tell(t *task, now bool) {
	if c.job.Progress == nil {
		return
	}
	const often = int64(100 * time.Millisecond)
	at, last := time.Since(c.began).Nanoseconds(), t.lastSay.Load()
	if !now && (last > 0 && at-last < often || !t.lastSay.CompareAndSwap(last, at)) {
		return
	}
	c.job.Progress(Progress{Source: t.id, Bytes: t.raw.Load(), Total: t.total})
}

func (c *Collection) tellEnd(t *task) {
	if c.job.Progress == nil {
		return
	}
	o, reason := t.verdict.final()
	c.job.Progress(Progress{Source: t.id, Bytes: t.raw.Load(), Total: t.total, Done: true, Outcome: o, Reason: reason})
}

// bundleStore puts entries into a source of a bundle.
type bundleStore struct{ w *manifest.SourceWriter }

func (s bundleStore) add(path string, mtime time.Time, clean io.Reader, done func(*manifest.Entry)) (manifest.Entry, error) {
	return s.w.Add(path, mtime, clean, done)
}

func quote(s string) string { return strconv.Quote(s) }
