//go:build !amd64

package redact

// fastWindows is the best there is for this processor.
var fastWindows fillWindows = windowsGo
