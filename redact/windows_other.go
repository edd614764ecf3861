//go:build !amd64

package redact

// These are the best there are for this processor.
var fast = plain
