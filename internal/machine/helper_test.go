package machine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"oxtail/actions/apply"
)

// inProcess is a child that is a function of this process.
func inProcess(do func(in io.Reader, out io.Writer) error) *child {
	inRead, inWrite := io.Pipe()
	outRead, outWrite := io.Pipe()
	ended, killed := make(chan error, 1), make(chan error, 1)
	go func() {
		err := do(inRead, outWrite)
		inRead.Close()
		outWrite.Close()
		ended <- err
	}()
	kill := func() error {
		inRead.CloseWithError(io.ErrClosedPipe)
		killed <- errors.New("killed")
		return outWrite.CloseWithError(io.EOF)
	}
	wait := func() error {
		select {
		case err := <-ended:
			return err
		case err := <-killed:
			return err
		}
	}
	return &child{in: inWrite, out: outRead, kill: kill, wait: wait}
}

// serving is a child that answers as serve does.
func serving(do func(r helperRequest, at func(string)) (*helperAnswer, error)) *child {
	return inProcess(func(in io.Reader, out io.Writer) error { return serve(in, out, do) })
}

func TestHelperAnswers(t *testing.T) {
	want := helperRequest{Protocol: helperProtocol, Op: opConfigure, Profile: "Müller", UID: "01", Dialogs: true,
		Properties: []apply.Property{{Section: "01", Tag: 0x6600001F, Type: "text", Text: "a\nb"}}}
	var got helperRequest
	answer, err := serving(func(r helperRequest, at func(string)) (*helperAnswer, error) {
		got = r
		at("ConfigureMsgService")
		return &helperAnswer{UID: "02"}, nil
	}).ask(t.Context(), want, time.Minute)
	if err != nil || answer.UID != "02" || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("answer %+v, %v to %+v", answer, err, got)
	}
}

// TestHelperFaults: errors keep their kind on the way.
func TestHelperFaults(t *testing.T) {
	fails := func(err error) error {
		_, err = serving(func(helperRequest, func(string)) (*helperAnswer, error) { return nil, err }).ask(t.Context(), helperRequest{}, time.Minute)
		return err
	}
	var failed *apply.MAPIError
	if err := fails(fmt.Errorf("wrapped: %w", &apply.MAPIError{Call: "DeleteMsgService", Code: 0x8004010B, Text: "busy"})); !errors.As(err, &failed) ||
		failed.Call != "DeleteMsgService" || failed.Code != 0x8004010B || failed.Text != "busy" || !strings.Contains(failed.Remedy, "close the holders") {
		t.Errorf("failed call: %+v", err)
	}
	if err := fails(fmt.Errorf("%w: %q", apply.ErrName, "Łódź")); !errors.Is(err, apply.ErrName) || !strings.Contains(err.Error(), "Łódź") {
		t.Errorf("bad name: %v", err)
	}
	if err := fails(errors.New("something else")); err == nil || err.Error() != "something else" {
		t.Errorf("other error: %v", err)
	}
}

// TestHelperHangs: a child that says nothing more is ended, and where it was is told.
func TestHelperHangs(t *testing.T) {
	hanging := func() *child {
		return serving(func(_ helperRequest, at func(string)) (*helperAnswer, error) {
			at("DeleteMsgService")
			<-t.Context().Done()
			return nil, nil
		})
	}
	_, err := hanging().ask(t.Context(), helperRequest{}, 50*time.Millisecond)
	if !errors.Is(err, errHelperHangs) || !strings.Contains(err.Error(), "DeleteMsgService was still running after 50ms") {
		t.Errorf("hangs: %v", err)
	}
	ctx, stop := context.WithCancelCause(t.Context())
	why := errors.New("Ctrl-C")
	stop(why)
	if _, err := hanging().ask(ctx, helperRequest{}, time.Minute); !errors.Is(err, why) {
		t.Errorf("stopped: %v; want %v", err, why)
	}
}

// TestHelperDies: a child that ends without an answer is no success.
func TestHelperDies(t *testing.T) {
	crash := errors.New("exit status 0xc0000005")
	_, err := inProcess(func(in io.Reader, out io.Writer) error {
		if _, err := bufio.NewReader(in).ReadString('\n'); err != nil {
			return err
		}
		io.WriteString(out, "printed by a provider\n{\"at\":\"CreateMsgServiceEx\"}\n{\"answer\":")
		return crash
	}).ask(t.Context(), helperRequest{}, time.Minute)
	if !errors.Is(err, errHelperDied) || !errors.Is(err, crash) || !strings.Contains(err.Error(), "CreateMsgServiceEx") {
		t.Errorf("dies: %v", err)
	}
}

// TestHelperOfAnotherRelease: nothing is done for a request of another version.
func TestHelperOfAnotherRelease(t *testing.T) {
	for request, want := range map[string]string{
		`{"protocol":0,"op":"delete-service"}`: "one release",
		`{"protocol":9,"op":"delete-service"}`: "one release",
	} {
		var out strings.Builder
		err := serve(strings.NewReader(request), &out, func(helperRequest, func(string)) (*helperAnswer, error) {
			t.Error("it was done")
			return nil, nil
		})
		if err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %v, %s", request, err, out.String())
		}
	}
	if err := serve(strings.NewReader("hello"), io.Discard, nil); err == nil || !strings.Contains(err.Error(), "for oxtail itself") {
		t.Errorf("no request: %v", err)
	}
}
