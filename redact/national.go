package redact

import "bytes"

// nationalID reports whether v is the number of a person in a register of
// some country, with the check digits or letters that the country gives it.
// A British number has none: its shape tells, and what names it. To be asked
// of what stands under a name for such numbers only.
func nationalID(v []byte) bool {
	var buf [16]byte
	n := 0
	for _, c := range v {
		switch {
		case c == ' ' || c == '.' || c == '-' || c == '/':
			continue
		case n == len(buf) || !is(c, chAlnum):
			return false
		}
		buf[n] = c &^ 0x20
		if is(c, chDigit) {
			buf[n] = c
		}
		n++
	}
	d := buf[:n]
	switch n {
	case 9:
		return dni(d) || nino(d)
	case 11:
		return cpf(d) || steuerID(d)
	case 15:
		return nir(d)
	case 16:
		return codiceFiscale(d)
	}
	return false
}

// cpf tells a Brazilian taxpayer's number by its two digits modulo 11.
func cpf(d []byte) bool {
	if !allDigits(d) || distinctBytes(d) == 1 {
		return false
	}
	for n := 9; n < 11; n++ {
		sum := 0
		for k := range n {
			sum += int(d[k]-'0') * (n + 1 - k)
		}
		if sum*10%11%10 != int(d[n]-'0') {
			return false
		}
	}
	return true
}

// dni tells the number of a Spaniard, or of a foreigner in Spain, by its
// letter, which is its remainder modulo 23.
func dni(d []byte) bool {
	v := 0
	for k, c := range d[:8] {
		switch {
		case k == 0 && c >= 'X' && c <= 'Z':
			v = int(c - 'X')
		case is(c, chDigit):
			v = v*10 + int(c-'0')
		default:
			return false
		}
	}
	return d[8] == "TRWAGMYFPDXBNJZSQVHLCKE"[v%23]
}

// nino tells a British national insurance number by its shape.
func nino(d []byte) bool {
	return is(d[0], chUpper) && is(d[1], chUpper) && bytes.IndexByte([]byte("DFIQUV"), d[0]) < 0 && bytes.IndexByte([]byte("DFIOQUV"), d[1]) < 0 &&
		allDigits(d[2:8]) && d[8] >= 'A' && d[8] <= 'D'
}

// nir tells a French social security number by its key, which completes it
// to a multiple of 97. Departments of Corsica have letters.
func nir(d []byte) bool {
	if d[0] != '1' && d[0] != '2' {
		return false
	}
	v := 0
	for k, c := range d[:13] {
		switch {
		case k == 6 && d[5] == '2' && (c == 'A' || c == 'B'): // 2A counts as 19, 2B as 18
			v = v/10*100 + 19 - int(c-'A')
			continue
		case !is(c, chDigit):
			return false
		}
		v = v*10 + int(c-'0')
	}
	return allDigits(d[13:]) && 97-v%97 == int(d[13]-'0')*10+int(d[14]-'0')
}

// steuerID tells a German tax number by its digit after ISO/IEC 7064,
// MOD 11,10.
func steuerID(d []byte) bool {
	if !allDigits(d) || d[0] == '0' {
		return false
	}
	p := 10
	for _, c := range d[:10] {
		s := (int(c-'0') + p) % 10
		if s == 0 {
			s = 10
		}
		p = s * 2 % 11
	}
	return (11-p)%10 == int(d[10]-'0')
}

// codiceFiscale tells an Italian tax code by its last letter.
func codiceFiscale(d []byte) bool {
	odd := [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	sum := 0
	for k, c := range d[:15] {
		letter := k < 6 || k == 8 || k == 11
		v := int(c - '0')
		switch {
		case is(c, chUpper):
			if !letter && bytes.IndexByte([]byte("LMNPQRSTUV"), c) < 0 { // in place of a digit, where two people would have the same
				return false
			}
			v = int(c - 'A')
		case letter:
			return false
		}
		if k%2 == 0 {
			v = odd[v]
		}
		sum += v
	}
	return int(d[15]-'A') == sum%26 && is(d[15], chUpper)
}

// national looks at the number behind a word that names it: national insurance
// number AB123456C, codice fiscale: x.
func (sc *scanner) national(e int) {
	b := sc.b
	p := e
	for range 5 {
		p = run(b, p, chSpace)
		if c := at(b, p); c == ':' || c == '=' || c == '#' || c == '(' || is(c, chQuote) {
			p++
			continue
		}
		n := run(b, p, chAlpha)
		switch string(lowerOf(b[p:n], sc.lower[:])) {
		case "number", "no", "nr", "num", "id", "is", "was", "numero", "code", "for":
			if p = n; at(b, p) == '.' {
				p++
			}
			continue
		}
		break
	}
	n := run(b, p, chKey)
	for n > p && !is(b[n-1], chAlnum) {
		n--
	}
	for m := n; m < len(b) && m-p < 24; { // in groups
		if nationalID(b[p:m]) {
			sc.emitNumber(p, m, cSSN, ruleSSN)
			return
		}
		if b[m] != ' ' {
			return
		}
		m = run(b, m+1, chAlnum)
	}
	if nationalID(b[p:n]) {
		sc.emitNumber(p, n, cSSN, ruleSSN)
	}
}

// segment looks at the elements of a segment of X12 behind its name: SY and 34
// say that a social security number follows, TE and others a telephone's.
func (sc *scanner) segment(e int) {
	b := sc.b
	if at(b, e) != '*' {
		return
	}
	if bytes.HasPrefix(b[e-3:], []byte("ISA*")) { // ISA*03*who*01*password
		if q := bytes.Index(b[e:min(sc.eol(e), e+24)], []byte("*01*")); q > 0 {
			s := e + q + len("*01*")
			if n := s + bytes.IndexByte(b[s:min(sc.eol(s), s+12)], '*'); n > s {
				sc.hideSecret(s, s+len(bytes.TrimRight(b[s:n], " ")), cPassword, ruleField)
			}
		}
		return
	}
	end := min(sc.eol(e), e+256)
	for k := e; k < end && b[k] == '*'; {
		s := k + 1
		for k = s; k < end && b[k] != '*' && b[k] != '~'; k++ {
		}
		n := run(b, k+1, chDigit)
		if at(b, k) != '*' || at(b, n) != '~' && at(b, n) != '*' && at(b, n) != ':' && n < sc.eol(n) {
			continue
		}
		switch string(b[s:k]) {
		case "SY", "34":
			if n-k == 10 {
				sc.emit(k+1, n, cSSN, ruleSSN, 0)
			}
		case "TE", "CP", "HP", "WP", "FX", "AP":
			if n-k == 11 {
				sc.emit(k+1, n, cPhone, rulePhone, 0)
			}
		}
	}
}
