package evtx

import (
	"bytes"
	"io"
	"testing"

	"oxtail/parser/evtx/evtxtest"
)

func BenchmarkText(b *testing.B) {
	var chunks [][]evtxtest.Event
	const perChunk, count = 100, 100
	for i := range uint64(count) {
		chunks = append(chunks, alerts(i*perChunk+1, (i+1)*perChunk))
	}
	log := evtxtest.Log(chunks...)
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		l, err := Open(bytes.NewReader(log), int64(len(log)))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, NewText(l, nil)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*perChunk*count/b.Elapsed().Seconds(), "events/s")
}
