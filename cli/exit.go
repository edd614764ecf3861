package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/diagcollect/diagcollect/collect"
	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

// Exit codes. They are part of the interface: the README lists them and a
// script in testdata holds each one.
const (
	exitDone         = 0
	exitFailed       = 1 // or grep found nothing, or diff a difference
	exitUsage        = 2 // also what an argument names is not there
	exitIncomplete   = 3 // bundle made, but some source is not ok, empty or skipped
	exitNotAuthentic = 4
	exitNotDelivered = 5 // spooled; run again to resume
	exitRefused      = 6 // consent, policy or the receiver said no
	exitInterrupted  = 130
	exitTerminated   = 143
)

// exitOrder is which code is told when several apply: the first of these.
var exitOrder = [...]int{
	exitInterrupted, exitTerminated, exitUsage, exitRefused, exitNotAuthentic,
	exitFailed, exitNotDelivered, exitIncomplete, exitDone,
}

// firstOf returns the code that is told when all of codes apply.
func firstOf(codes ...int) int {
	for _, o := range exitOrder {
		for _, c := range codes {
			if c == o {
				return c
			}
		}
	}
	return exitFailed
}

// problem is an error with the exit code it means, a stable name for
// machines, and a hint: what the person at the keyboard can do next. Only
// this package knows what can be typed, so only it makes hints.
type problem struct {
	exit int
	code string
	hint string
	err  error
}

func (p *problem) Error() string { return p.err.Error() }
func (p *problem) Unwrap() error { return p.err }

func usageError(format string, args ...any) *problem {
	return &problem{exit: exitUsage, code: "usage", err: fmt.Errorf(format, args...)}
}

func refusal(code, format string, args ...any) *problem {
	return &problem{exit: exitRefused, code: code, err: fmt.Errorf(format, args...)}
}

func (p *problem) withHint(format string, args ...any) *problem {
	p.hint = fmt.Sprintf(format, args...)
	return p
}

// explain turns any error into a problem. It is the one place where errors
// of other packages become exit codes and hints.
func explain(err error) *problem {
	if err == nil {
		return nil
	}
	var (
		p       *problem
		sig     *interrupt
		refused *upload.RefusedError
		recipe  *collect.RecipeError
		source  *collect.UnknownSourceError
	)
	switch {
	case errors.As(err, &p):
		if _, whole := err.(*problem); whole { //nolint:errorlint // only the outermost
			return p
		}
		return &problem{exit: p.exit, code: p.code, hint: p.hint, err: err}
	case errors.As(err, &sig):
		return &problem{exit: sig.exit(), code: "interrupted", err: err}
	case errors.As(err, &recipe):
		return &problem{exit: exitUsage, code: "recipe", err: err}
	case errors.As(err, &source):
		return &problem{exit: exitUsage, code: "usage", err: err, hint: "diagcollect plan, with the same --recipe, lists the sources"}
	case errors.As(err, &refused):
		return &problem{exit: exitRefused, code: refused.Problem.Code, err: err, hint: refusedHint(refused.Problem.Code)}
	case errors.Is(err, trust.ErrUnknownKey):
		return &problem{exit: exitNotAuthentic, code: "not-authentic", err: err, hint: "if you trust whoever made it: get the line of its key from ~/.config/diagcollect/allowed_signers there, by a way you trust, and add it to your own, or name a file that has it with --allowed-signers FILE"}
	case errors.Is(err, manifest.ErrNotAuthentic), errors.Is(err, upload.ErrNotAuthentic):
		return &problem{exit: exitNotAuthentic, code: "not-authentic", err: err}
	case errors.Is(err, trust.ErrUnsafe):
		return &problem{exit: exitFailed, code: "unsafe", err: err, hint: "it must be yours, with no rights for others that are named there: chmod go-rwx takes them away"}
	case errors.Is(err, upload.ErrNoConsent):
		return &problem{exit: exitRefused, code: "consent", err: err}
	case errors.Is(err, upload.ErrSpoolFull):
		return &problem{exit: exitFailed, code: "spool-full", err: err, hint: "diagcollect spool list shows what waits; spool retry delivers it, spool drop deletes it"}
	case errors.Is(err, upload.ErrBusy):
		return &problem{exit: exitFailed, code: "busy", err: err, hint: "another diagcollect works on it: wait for that one"}
	case errors.Is(err, upload.ErrNotDelivered):
		return &problem{exit: exitNotDelivered, code: "not-delivered", err: err}
	case errors.Is(err, syscall.ENOSPC):
		return &problem{exit: exitFailed, code: "no-space", err: err, hint: "free some space, or name another folder with --state or TMPDIR"}
	case errors.Is(err, context.Canceled):
		return &problem{exit: exitInterrupted, code: "interrupted", err: errors.New("interrupted")}
	}
	return &problem{exit: exitFailed, code: "failed", err: err}
}

func refusedHint(code string) string {
	switch code {
	case upload.CodeUnknownCase:
		return "check the case id; the receiver's side makes it with: diagcollect case create ID"
	case upload.CodeClosedCase:
		return "ask support to reopen it: diagcollect case reopen ID"
	case upload.CodeKeyRefused:
		return "enrolment keys work once and for 24 hours: ask for a new one (diagcollect receive key new)"
	case upload.CodeUnauthorised:
		return "this machine's enrolment ended: ask for an enrolment key and run diagcollect enroll"
	case upload.CodeTooLarge, upload.CodeNoSpace:
		return "collect less: --since, --only, or smaller limits in the recipe"
	}
	return ""
}

// interrupt is the cause with which a signal cancels the work.
type interrupt struct{ sig os.Signal }

func (i *interrupt) Error() string { return "interrupted" }

func (i *interrupt) exit() int {
	if i.sig == os.Interrupt {
		return exitInterrupted
	}
	return exitTerminated
}

// interrupts listens for Ctrl-C and its relatives for as long as one command
// runs. The first Ctrl-C asks whoever called soften to finish early; where
// nobody did, and at the second, the context is cancelled.
type interrupts struct {
	cancel context.CancelCauseFunc
	mu     sync.Mutex
	soft   func()
}

func watchSignals(ctx context.Context) (context.Context, *interrupts, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	in := &interrupts{cancel: cancel}
	ch := make(chan os.Signal, 4)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	done := make(chan struct{})
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		for {
			select {
			case <-done:
				return
			case s := <-ch:
				in.mu.Lock()
				soft := in.soft
				in.soft = nil
				in.mu.Unlock()
				if s == os.Interrupt && soft != nil {
					soft()
					continue
				}
				cancel(&interrupt{s})
			}
		}
	}()
	return ctx, in, func() {
		signal.Stop(ch)
		close(done)
		<-finished
		cancel(nil)
	}
}

// soften makes the next Ctrl-C call f instead of cancelling; the returned
// function ends that.
func (in *interrupts) soften(f func()) (end func()) {
	in.mu.Lock()
	in.soft = f
	in.mu.Unlock()
	return func() {
		in.mu.Lock()
		in.soft = nil
		in.mu.Unlock()
	}
}
