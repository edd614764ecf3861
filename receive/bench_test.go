package receive

import (
	"fmt"
	"testing"
)

// BenchmarkDeliver is a whole delivery: upload over TLS, intake (digest,
// decrypt, verify, scan, encrypt, store), receipt. Speeds are of the bundle's
// content.
func BenchmarkDeliver(b *testing.B) {
	for _, mb := range []int{1, 64} {
		b.Run(fmt.Sprintf("%dMB", mb), func(b *testing.B) {
			r := newRig(b)
			r.makeCase("", "C-1")
			p := r.enrol("", "agent", "")
			log := noise(mb * 1_000_000 / 27)
			b.SetBytes(int64(len(log)))
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				wire := r.wrapFor(r.pack(p.signer, packing{caseID: "C-1", entries: map[string]string{"a.log": log}}))
				b.StartTimer()
				p.checkReceipt(p.deliver("C-1", wire))
			}
		})
	}
}

// BenchmarkOpen is the start of a receiver on a data directory that is there.
func BenchmarkOpen(b *testing.B) {
	r := newRig(b)
	r.stop()
	defer r.start()
	for b.Loop() {
		s, err := Open(r.opts)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
