package redact

import "math/bits"

// entropyHigh reports whether b looks like random secret material: sixteen or
// more printable characters of several kinds, spread as chance spreads them,
// and not words. UUIDs and pure hexadecimal are not judged here (false): a
// digest and a key look the same, and only the context tells them apart.
func entropyHigh(b []byte) bool {
	n := len(b)
	if n < 16 || n > 4096 {
		return false
	}
	var seen [256]uint16
	var kinds [4]int // lower, upper, digits, marks
	hexOnly, distinct, changes, pairs, common := true, 0, 0, 0, 0
	last := -1
	for k, c := range b {
		if c <= ' ' || c >= 0x7f {
			return false
		}
		if seen[c]++; seen[c] == 1 {
			distinct++
		}
		kind := 3
		switch {
		case charSets[c]&setLower != 0:
			kind = 0
		case charSets[c]&setUpper != 0:
			kind = 1
		case charSets[c]&setDigit != 0:
			kind = 2
		}
		kinds[kind]++
		if k > 0 && kind != last {
			changes++
		}
		if k > 0 && kind < 2 && last < 2 && last >= 0 {
			pairs++
			if commonPair(b[k-1], c) {
				common++
			}
		}
		last = kind
		hexOnly = hexOnly && (charSets[c]&setHex != 0 || c == '-')
	}
	if hexOnly {
		return false
	}
	used := 0
	for _, k := range kinds[:3] {
		if k > 0 {
			used++
		}
	}
	letters := kinds[0] + kinds[1]
	switch {
	case used < 2 || letters < n/4 || 8*kinds[3] > n+8:
		return false
	case kinds[2] == 0 && n < 20: // names in camel case
		return false
	case pairs >= 6 && 3*common > 2*pairs: // words
		return false
	case 5*changes < n: // words with a number at the end
		return false
	}
	// The collision count is a cheaper and steadier measure of spread than
	// Shannon's for short texts: the sum of squares of n random characters
	// out of m is near n + n*n/m. Demand at least that of 16.
	squares := 0
	for _, s := range seen {
		squares += int(s) * int(s)
	}
	return distinct >= min(10, n/2+1) && 12*(squares-n) <= n*n
}

// commonPair reports whether two letters often follow each other in words and
// identifiers.
func commonPair(a, b byte) bool {
	return pairTable[a&31]>>(b&31)&1 != 0
}

// pairTable has for each letter the letters that often follow it, as bits.
// A third of all pairs are in it, and nine tenths of those in words.
var pairTable = func() (t [32]uint32) {
	for _, row := range [...]string{
		"abcdgilmnprstuvy", "eliaoru", "oehatkilrsy", "eiaosrdu", "rnsdatclemxvpfq", "oirefaltu", "eraioulhn", "eaiotru",
		"nstcoedalmvrgfp", "oeua", "eiys", "eialoydtsu", "eaiopmbsu", "tdgescainokf", "nrumfwlpstodcvkbg",
		"reoalithups", "u", "eiaostydmnckgvu", "tseihopacukmlwy", "ieoharstuyl", "srntlmpbceidga", "eiaor", "aeiohns", "tpice", "psetoim", "eaio",
	} {
		k := 1
		for t[k] != 0 {
			k++
		}
		for _, c := range row {
			t[k] |= 1 << (uint(c) & 31)
		}
	}
	return
}()

// distinctBytes is how many different bytes b has.
func distinctBytes(b []byte) int {
	var set [4]uint64
	for _, c := range b {
		set[c>>6] |= 1 << (c & 63)
	}
	n := 0
	for _, s := range set {
		n += bits.OnesCount64(s)
	}
	return n
}
