package machine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"oxtail/actions/apply"
	"oxtail/parser/codes"
)

// MAPI providers are other people's code: they may show a dialog, hang, or end the
// process. So each use of MAPI is one short life of a child process, which gets one
// request on its standard input and says on its standard output where it is and what
// came out, an object a line. The child is this program, or that of the other bitness.

// HelperCommand is the hidden command with which the child is started.
const HelperCommand = "mapi-helper"

// helperProtocol is raised when requests or answers change: a helper of an older
// oxtail beside a new one must not be asked to delete anything.
const helperProtocol = 1

// Limits of what passes between the two processes.
const (
	maxRequestBytes = 4 << 20 // properties of one service
	maxAnswerBytes  = 4 << 20 // services of one profile
)

// What a helper can be asked for.
const (
	opProfiles   = "profiles"
	opSetDefault = "set-default-profile"
	opServices   = "services"
	opDelete     = "delete-service"
	opCreate     = "create-service"
	opConfigure  = "configure-service"
	opQuit       = "quit-outlook"
	opSync       = "send-receive"
)

// helperRequest is what the child is to do.
type helperRequest struct {
	Protocol   int              `json:"protocol"`
	Op         string           `json:"op"`
	Profile    string           `json:"profile,omitempty"`
	UID        string           `json:"uid,omitempty"`
	Service    string           `json:"service,omitempty"`
	Display    string           `json:"display,omitempty"`
	Properties []apply.Property `json:"properties,omitempty"`
	Dialogs    bool             `json:"dialogs,omitempty"`
}

// helperEvent is one line of the child: where it is, or how it ended.
type helperEvent struct {
	At     string        `json:"at,omitempty"` // the call that begins now
	Answer *helperAnswer `json:"answer,omitempty"`
	Fault  *helperFault  `json:"fault,omitempty"`
}

// helperAnswer is what came out.
type helperAnswer struct {
	Profiles []MAPIProfile   `json:"profiles,omitempty"`
	Services []apply.Service `json:"services,omitempty"`
	UID      string          `json:"uid,omitempty"`
}

// MAPIProfile is a row of the profile table.
type MAPIProfile struct {
	Name    string `json:"name"`
	Default bool   `json:"default,omitempty"`
}

// helperFault is an error on its way between the processes.
type helperFault struct {
	Call string `json:"call,omitempty"` // of MAPI or COM, with Code
	Code uint32 `json:"code,omitempty"`
	Name bool   `json:"name,omitempty"` // apply.ErrName
	Text string `json:"text,omitempty"`
}

// faultOf takes an error apart.
func faultOf(err error) *helperFault {
	var failed *apply.MAPIError
	if errors.As(err, &failed) {
		return &helperFault{Call: failed.Call, Code: failed.Code, Text: failed.Text}
	}
	return &helperFault{Name: errors.Is(err, apply.ErrName), Text: err.Error()}
}

// err puts the error together again.
func (f *helperFault) err() error {
	switch {
	case f.Call != "":
		return &apply.MAPIError{Call: f.Call, Code: f.Code, Text: f.Text, Remedy: remedyOf(f.Call, codes.FromHRESULT(f.Code))}
	case f.Name:
		return fmt.Errorf("%w: %s", apply.ErrName, f.Text)
	}
	return errors.New(f.Text)
}

// errHelperHangs says that the child did not answer in time.
var errHelperHangs = errors.New("MAPI does not answer")

// errHelperDied says that the child ended without an answer.
var errHelperDied = errors.New("the process that called MAPI ended without an answer")

// A child is a started helper.
type child struct {
	in   io.WriteCloser
	out  io.Reader
	kill func() error // ends it at once
	wait func() error // waits for its end; how it ended
}

// ask sends a request to a child and reads what it says until it ends, or until limit
// is over, and ends it then.
func (c *child) ask(ctx context.Context, r helperRequest, limit time.Duration) (*helperAnswer, error) {
	ctx, stop := context.WithTimeoutCause(ctx, limit, errHelperHangs)
	defer stop()
	dead := context.AfterFunc(ctx, func() { c.kill() }) // an end that comes by itself is as good
	defer dead()
	r.Protocol = helperProtocol
	sendErr := json.NewEncoder(c.in).Encode(r)
	c.in.Close() // its reader sees the end, or is gone
	at, answer, fault, readErr := listen(c.out)
	waitErr := c.wait()
	switch {
	case answer != nil:
		return answer, nil
	case fault != nil:
		return nil, fault.err()
	case errors.Is(context.Cause(ctx), errHelperHangs):
		return nil, fmt.Errorf("%w: %s was still running after %s, and its process was ended; look for a dialog box behind other windows, "+
			"and for programs that keep the profile busy", errHelperHangs, place(at), limit)
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	return nil, fmt.Errorf("%w (it was at %s): %w", errHelperDied, place(at), errors.Join(sendErr, readErr, waitErr))
}

// place names where a child was.
func place(at string) string {
	if at == "" {
		return "its start"
	}
	return at
}

// listen reads what a child says to its end.
func listen(out io.Reader) (at string, answer *helperAnswer, fault *helperFault, err error) {
	in := bufio.NewScanner(io.LimitReader(out, maxAnswerBytes))
	in.Buffer(nil, maxAnswerBytes)
	for in.Scan() {
		var e helperEvent
		if json.Unmarshal(in.Bytes(), &e) != nil {
			continue // a provider that prints
		}
		if e.At != "" {
			at = e.At
		}
		if e.Answer != nil || e.Fault != nil {
			answer, fault = e.Answer, e.Fault
		}
	}
	return at, answer, fault, in.Err()
}

// serve answers one request, the child's side of ask. It tells do where to say what it
// is at.
func serve(in io.Reader, out io.Writer, do func(r helperRequest, at func(call string)) (*helperAnswer, error)) error {
	var r helperRequest
	if err := json.NewDecoder(io.LimitReader(in, maxRequestBytes)).Decode(&r); err != nil {
		return fmt.Errorf("read the request: %w; this command is for oxtail itself", err)
	}
	events := json.NewEncoder(out)
	if r.Protocol != helperProtocol {
		err := fmt.Errorf("the helper speaks version %d and was asked in version %d: take oxtail and its helpers from one release", helperProtocol, r.Protocol)
		return events.Encode(helperEvent{Fault: faultOf(err)})
	}
	answer, err := do(r, func(call string) { events.Encode(helperEvent{At: call}) }) // a lost line is no answer, which is told
	if err != nil {
		return events.Encode(helperEvent{Fault: faultOf(err)})
	}
	return events.Encode(helperEvent{Answer: answer})
}
