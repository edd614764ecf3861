package redact

import "bytes"

// The scanners of numbers look at one place of a text. Check digits decide
// where a number has them, and the surroundings always: a number that touches
// other digits, letters or the dot of a fraction is a part of something else.

// scanCard finds a payment card number at b[i]: 13 to 19 digits of an
// issuer's range and length whose Luhn sum is right (ISO/IEC 7812-1), in one
// piece or in the groups that cards are printed in.
func scanCard(b []byte, i int) (end int, ok bool) {
	if !has(b, i, setDigit) || b[i] == '0' || b[i] == '1' || b[i] == '7' || !numberStarts(b, i) {
		return 0, false
	}
	var digits [20]byte
	n := 0
	for i+n < len(b) && n < len(digits) && charSets[b[i+n]]&setDigit != 0 {
		digits[n] = b[i+n] - '0'
		n++
	}
	if n >= 13 {
		end = i + n
		return end, n <= 19 && numberEnds(b, end) && issued(digits[:n]) && luhn(digits[:n])
	}
	if n != 4 || i+4 >= len(b) || b[i+4] != ' ' && b[i+4] != '-' {
		return 0, false
	}
	sep := b[i+4]
	if i > 0 && b[i-1] == sep && hexGroupEnds(b, i-1) {
		return 0, false
	}
	for _, groups := range [...]string{"44443", "4444", "465", "464", "4333"} {
		end, n = groupedAt(b, i, sep, groups, &digits)
		if n == 0 || !numberEnds(b, end) || end < len(b) && b[end] == sep && groupGoesOn(b, end+1, sep) {
			continue
		}
		if issued(digits[:n]) && luhn(digits[:n]) {
			return end, true
		}
	}
	return 0, false
}

// groupedAt reads groups of digits with sep between them; n is 0 if they are
// not there.
func groupedAt(b []byte, i int, sep byte, groups string, digits *[20]byte) (end, n int) {
	for g := range len(groups) {
		if g > 0 {
			if i >= len(b) || b[i] != sep {
				return 0, 0
			}
			i++
		}
		for range groups[g] - '0' {
			if !has(b, i, setDigit) {
				return 0, 0
			}
			digits[n] = b[i] - '0'
			n++
			i++
		}
	}
	return i, n
}

// hexGroupEnds reports whether a group of four hex digits ends right before
// b[end], as in a dump or a table of numbers.
func hexGroupEnds(b []byte, end int) bool {
	n := 0
	for n < 5 && has(b, end-1-n, setHex) {
		n++
	}
	return n == 4 && !has(b, end-5, setWord)
}

// groupGoesOn reports whether the groups of a number go on at b[i] with one
// more that belongs to it. After a space an expiry date or a code may follow.
func groupGoesOn(b []byte, i int, sep byte) bool {
	e := endOf(b, i, setHex)
	if sep == '-' {
		return e > i
	}
	return e-i == 4 && !has(b, e, setWord) && (e >= len(b) || b[e] != '/')
}

// numberStarts reports whether a number that begins at b[i] is whole on its
// left.
func numberStarts(b []byte, i int) bool {
	if i == 0 {
		return true
	}
	switch c := b[i-1]; {
	case charSets[c]&setWord != 0:
		// Track data of a magnetic stripe, %B4111..., is a word of its own.
		return escapeEnds(b, i) || (c == 'B' || c == 'b') && i >= 2 && b[i-2] == '%'
	case c == '.':
		return !has(b, i-2, setDigit)
	case c == ',': // a column of a table, or a fraction
		return i < 2 || b[i-2] != '0' || has(b, i-3, setWord)
	case c == '-':
		return !has(b, i-2, setWord) && (i < 2 || b[i-2] != ' ' && b[i-2] != '=' && b[i-2] != ':' && b[i-2] != ',')
	case c == '+' || c >= 0x80:
		return c != '+'
	}
	return true
}

// numberEnds reports whether a number that ends before b[end] is whole on its
// right.
func numberEnds(b []byte, end int) bool {
	if end >= len(b) {
		return true
	}
	switch c := b[end]; {
	case charSets[c]&setWord != 0:
		return false
	case c == '.' || c == '-':
		return !has(b, end+1, setWord)
	}
	return true
}

// luhn reports whether the last digit is the check digit of ISO/IEC 7812-1
// annex B.
func luhn(digits []byte) bool {
	sum := 0
	for k, d := range digits {
		if (len(digits)-k)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += int(d)
	}
	return sum%10 == 0
}

// counted reports whether the number b[i:end], which could be that of a card, is
// a counter, an identifier or a row of numbers by what stands around it.
func (sc *scanner) counted(i, end int) bool {
	b := sc.b
	if end-i > 4 && has(b, i+4, setDigit) { // in one piece
		for _, unit := range [...]string{" bytes", " octets", " packets", " pkts", " bits", " ns", " us", " ms"} {
			if hasPrefixFold(b[end:], unit) && !has(b, end+len(unit), setWord) {
				return true
			}
		}
		k := i
		for k > sc.ls && i-k < 48 && (is(b[k-1], chSpace|chQuote) || b[k-1] == '=' || b[k-1] == ':' || b[k-1] == '|' || b[k-1] == '\\') {
			k--
		}
		s := runBack(b, k, max(sc.ls, k-40), chKey)
		key := b[s:k]
		return k < i && counterKeys.has(key[bytes.LastIndexAny(key, "_-.")+1:]) && !hasPrefixFold(key, "card") && !hasPrefixFold(key, "pan")
	}
	if b[i+4] != ' ' {
		return false
	}
	k := i // of a list: 1203 to 1300 1400
	if hasSuffixFold(b[sc.ls:i], " to ") {
		k -= len(" to ")
	} else if i > sc.ls && b[i-1] == ' ' {
		k--
	}
	d := runBack(b, k, sc.ls, chDigit)
	return k-d == 4 && k < i && (d == sc.ls || b[d-1] == ' ') || hasPrefixFold(b[end:], " to ") && has(b, end+4, setDigit)
}

var counterKeys = setOf("id", "octets", "bytes", "pkts", "packets", "ord", "seq", "sequence", "offset", "size", "inode", "ts", "timestamp", "uptime", "ticks", "cycles", "nonce", "rnd", "random", "uid", "guid", "lsn", "txid", "zxid", "xid")

// issuers lists the ranges of the first six digits that card schemes publish,
// with the lengths that they issue as bits (1<<16: sixteen digits).
var issuers = [...]struct {
	from, to int
	lengths  uint32
}{
	{220000, 220499, 1<<16 | 1<<17 | 1<<18 | 1<<19}, // Mir
	{222100, 272099, 1 << 16},                       // Mastercard
	{300000, 305999, 1<<14 | 1<<16},                 // Diners Club
	{309500, 309599, 1<<14 | 1<<16},                 // Diners Club
	{340000, 349999, 1 << 15},                       // American Express
	{352800, 358999, 1<<16 | 1<<19},                 // JCB
	{360000, 369999, 1<<14 | 1<<16},                 // Diners Club
	{370000, 379999, 1 << 15},                       // American Express
	{380000, 399999, 1<<14 | 1<<16},                 // Diners Club
	{400000, 499999, 1<<13 | 1<<16},                 // Visa
	{500000, 509999, 1<<16 | 1<<19},                 // Maestro, Verve, Dankort, Elo, RuPay
	{510000, 559999, 1 << 16},                       // Mastercard
	{560000, 589999, 1<<16 | 1<<19},                 // Maestro
	{600000, 600099, 1 << 16},                       // RuPay
	{601100, 601199, 1 << 16},                       // Discover
	{606282, 606282, 1 << 16},                       // Hipercard
	{606985, 608999, 1 << 16},                       // RuPay
	{620000, 629999, 1<<16 | 1<<17 | 1<<18 | 1<<19}, // UnionPay
	{630400, 630499, 1<<16 | 1<<18 | 1<<19},         // Maestro
	{636000, 639999, 1 << 16},                       // InterPayment, InstaPayment
	{644000, 659999, 1 << 16},                       // Discover, RuPay
	{670000, 679999, 1<<16 | 1<<18 | 1<<19},         // Maestro
	{810000, 819999, 1<<16 | 1<<19},                 // UnionPay
	{820000, 829999, 1 << 16},                       // RuPay
	{860000, 860099, 1 << 16},                       // UzCard
	{979200, 979299, 1 << 16},                       // Troy
	{986000, 986099, 1 << 16},                       // Humo
}

// issued reports whether some scheme issues numbers that begin like digits
// and are as long.
func issued(digits []byte) bool {
	first, same := 0, true
	for _, d := range digits[:6] {
		first = 10*first + int(d)
	}
	for _, d := range digits[1:] {
		same = same && d == digits[0]
	}
	for _, r := range issuers {
		if r.from <= first && first <= r.to {
			return r.lengths>>len(digits)&1 != 0 && !same
		}
	}
	return false
}

// scanIBAN finds an international bank account number (ISO 13616) at b[i]: a
// country of the registry with its length, check digits modulo 97, in one
// piece or in groups of four.
func scanIBAN(b []byte, i int) (end int, ok bool) {
	if len(b)-i < 15 || !has(b, i+2, setDigit) || !has(b, i+3, setDigit) || !startsToken(b, i) {
		return 0, false
	}
	set := setDigit | setUpper
	c0, c1 := b[i], b[i+1]
	if charSets[c0]&charSets[c1]&setLower != 0 {
		set = setDigit | setLower
		c0, c1 = c0-'a'+'A', c1-'a'+'A'
	}
	if charSets[c0]&charSets[c1]&setUpper == 0 {
		return 0, false
	}
	if check := string(b[i+2 : i+4]); check == "00" || check == "01" || check == "99" {
		return 0, false // never made: the same remainder has another pair
	}
	want := int(ibanLengths[int(c0-'A')*26+int(c1-'A')])
	if want == 0 || i > 0 && b[i-1] == '-' && has(b, i-2, setWord) {
		return 0, false
	}
	sep := byte(0)
	if c := b[i+4]; c == ' ' || c == '-' || c == '.' {
		sep = c
	}
	sum, n, digits := 0, 0, 0
	// The country and the check digits count last: begin with them for their
	// place, modulo 97, and add them at the end.
	end = i
	for n < want {
		if sep != 0 && n > 0 && n%4 == 0 {
			if end >= len(b) || b[end] != sep {
				return 0, false
			}
			end++
		}
		if !has(b, end, set) {
			return 0, false
		}
		if charSets[b[end]]&setDigit != 0 {
			digits++
		}
		if n >= 4 {
			sum = mod97(sum, b[end])
		}
		n++
		end++
	}
	if has(b, end, setWord) || end < len(b) && (b[end] == '-' || b[end] == '.') && has(b, end+1, setAlnum) {
		return 0, false
	}
	for _, c := range b[i : i+4] {
		sum = mod97(sum, c)
	}
	// In lower case a digest could begin like a country: want mostly digits.
	return end, sum == 1 && (set&setUpper != 0 || digits >= want-6)
}

// mod97 is the step of ISO/IEC 7064 MOD 97-10, letters counting 10 to 35.
func mod97(sum int, c byte) int {
	switch {
	case c <= '9':
		return (sum*10 + int(c-'0')) % 97
	case c <= 'Z':
		return (sum*100 + int(c-'A') + 10) % 97
	}
	return (sum*100 + int(c-'a') + 10) % 97
}

// ibanLengths has for each pair of letters the length that the registry of
// ISO 13616 gives the country's numbers.
var ibanLengths = func() (t [26 * 26]uint8) {
	const registry = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 " +
		"DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 " +
		"IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 " +
		"MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 " +
		"SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30 " +
		// Not in the registry, but issued in its form.
		"AO25 BF28 BJ28 CF27 CG27 CI28 CM27 CV25 DZ26 GA27 GN28 GQ27 GW25 IR26 KM27 MA28 MG27 ML28 MZ25 NE28 SN28 TD27 TG28 "
	for k := 0; k < len(registry); k += 5 {
		t[int(registry[k]-'A')*26+int(registry[k+1]-'A')] = 10*(registry[k+2]-'0') + registry[k+3] - '0'
	}
	return
}()

// scanSSN finds a social security number of the United States at b[i],
// NNN-NN-NNNN, outside the ranges that are never issued.
func scanSSN(b []byte, i int) (end int, ok bool) {
	end = i + 11
	if i < 0 || len(b) < end || b[i+3] != '-' || b[i+6] != '-' {
		return 0, false
	}
	for k, c := range b[i:end] {
		if k != 3 && k != 6 && charSets[c]&setDigit == 0 {
			return 0, false
		}
	}
	if !numberStarts(b, i) || !numberEnds(b, end) || i > 0 && (b[i-1] == '/' || b[i-1] == '-') || end < len(b) && b[end] == '/' {
		return 0, false
	}
	area, group, serial := string(b[i:i+3]), string(b[i+4:i+6]), string(b[i+7:end])
	return end, area != "000" && area != "666" && area[0] != '9' && group != "00" && serial != "0000"
}

// scanPhone finds a telephone number at b[i] in a form that is hardly
// anything else: international after a plus (ITU-T E.123), after tel:, or of
// the North American plan with its area code in brackets.
func scanPhone(b []byte, i int) (end int, ok bool) {
	if i >= len(b) || !numberStarts(b, i) {
		return 0, false
	}
	switch {
	case b[i] == '+':
		return phonePlus(b, i)
	case b[i] == '(':
		return phoneArea(b, i)
	case charSets[b[i]]&setDigit != 0:
		return phoneNamed(b, i)
	}
	return 0, false
}

// phonePlus reads + and 9 to 15 digits in groups; one group may stand in
// brackets.
func phonePlus(b []byte, i int) (end int, ok bool) {
	if i > 0 && (charSets[b[i-1]]&setWord != 0 && !escapeEnds(b, i) || b[i-1] == '+' || b[i-1] == '.' || b[i-1] == '/' || b[i-1] == '~') {
		return 0, false
	}
	var digits [16]byte
	n, groups, open := 0, 0, false
	at := i + 1
	for at < len(b) && n < len(digits) {
		g := at
		for at < len(b) && n < len(digits) && charSets[b[at]]&setDigit != 0 {
			digits[n] = b[at]
			n++
			at++
		}
		if at > g {
			end = at
			groups++
		}
		if open && at < len(b) && b[at] == ')' {
			open = false
			at++
		}
		if at < len(b) && (b[at] == ' ' || b[at] == '-' || b[at] == '.' || b[at] == '/' && groups > 1) && n > 0 {
			at++
		}
		if at < len(b) && b[at] == '(' && !open && groups > 0 && groups < 3 {
			open = true
			at++
		}
		if !has(b, at, setDigit) {
			break
		}
	}
	if n < 9 || n > 15 || open || !numberEnds(b, end) || !countryCode(digits[:n]) {
		return 0, false
	}
	if digits[0] == '1' && (n != 11 || digits[1] < '2' || digits[4] < '2') {
		return 0, false
	}
	return end, true
}

// countryCode reports whether digits begin with a code that ITU-T E.164
// assigns.
func countryCode(digits []byte) bool {
	switch digits[0] {
	case '0':
		return false
	case '1', '7':
		return true
	}
	switch two := string(digits[:2]); two {
	case "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49",
		"51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66",
		"81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98":
		return true
	case "28", "83", "89":
		return false
	case "21", "22", "23", "24", "25", "26", "29", "35", "37", "38", "42", "50", "59", "67", "68", "69", "80", "85", "87", "88", "96", "97", "99":
		return digits[2] != '0' || two != "99" && two != "21"
	}
	return false
}

// phoneArea reads (NPA) NXX-XXXX.
func phoneArea(b []byte, i int) (end int, ok bool) {
	if len(b) < i+13 || b[i+4] != ')' || !areaCode(b[i+1:i+4]) {
		return 0, false
	}
	at := i + 5
	if b[at] == ' ' {
		at++
	}
	end = at + 8
	if len(b) < end || !areaCode(b[at:at+3]) || b[at+3] != '-' && b[at+3] != '.' && b[at+3] != ' ' ||
		endOf(b[:end], at+4, setDigit) != end || !numberEnds(b, end) {
		return 0, false
	}
	return end, !has(b, i-1, setWord)
}

// phoneNamed reads a number without any mark of its own: NPA-NXX-XXXX, with
// or without the 1- before it, NPA.NXX.XXXX, or ten to fifteen digits, where
// the words before it say that it is a telephone number.
func phoneNamed(b []byte, i int) (end int, ok bool) {
	at := i
	if at+2 < len(b) && b[at] == '1' && (b[at+1] == '-' || b[at+1] == '.' || b[at+1] == ' ') {
		at += 2
	}
	if len(b) >= at+12 && areaCode(b[at:at+3]) && areaCode(b[at+4:at+7]) && b[at+3] == b[at+7] &&
		(b[at+3] == '-' || b[at+3] == '.' || b[at+3] == ' ') && endOf(b[:at+12], at+8, setDigit) == at+12 {
		end = at + 12
	} else if end = endOf(b, i, setDigit); end-i < 9 || end-i > 15 {
		if b[i] != '0' {
			return 0, false
		}
		// National and 00-prefixed forms in groups.
		n := 0
		for at = i; at < len(b) && (has(b, at, setDigit) || (b[at] == ' ' || b[at] == '-' || b[at] == '/') && has(b, at+1, setDigit)); at++ {
			if b[at] >= '0' {
				n++
			}
		}
		if end = at; n < 9 || n > 15 {
			return 0, false
		}
	}
	return end, numberEnds(b, end) && phoneBefore(b, i)
}

// areaCode reports whether the three bytes can be an area or exchange code of
// the North American plan.
func areaCode(b []byte) bool {
	return '2' <= b[0] && b[0] <= '9' && charSets[b[1]]&charSets[b[2]]&setDigit != 0
}

// phoneBefore reports whether the last word before b[i] on its line names a
// telephone number.
func phoneBefore(b []byte, i int) bool {
	end := i
	for end > 0 && i-end < 5 && !has(b, end-1, setWord) && b[end-1] != '\n' {
		end--
	}
	start := end
	for start > 0 && end-start < 24 && has(b, start-1, setURL64) {
		start--
	}
	var word [24]byte
	w := appendLower(word[:0], b[start:end])
	for _, name := range [...]string{"phone", "telephone", "mobile", "msisdn", "cell", "fax", "tel", "phone_number",
		"phonenumber", "phone-number", "phoneno", "phone_no", "telephonenumber", "mobilenumber", "cellphone", "sms", "callerid", "caller_id", "whatsapp"} {
		if len(w) >= len(name) && string(w[len(w)-len(name):]) == name {
			// The whole word, or its last part: homePhone, customer_phone.
			k := start + len(w) - len(name)
			return k == start || !has(b, k-1, setAlnum) || has(b, k, setUpper)
		}
	}
	return false
}
