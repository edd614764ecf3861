//go:build !amd64

package redact

// kernelsHere are those that this processor has.
func kernelsHere() []kernels { return []kernels{plain} }
