// Package upload is the client of the wire protocol, version 1: it enrols,
// sends, resumes, and keeps the spool. (The specification of the protocol
// goes here.)
package upload

import (
	"errors"

	"github.com/diagcollect/diagcollect/trust"
)

// Errors that callers branch on.
var (
	// ErrNotDelivered: the endpoint could not be reached or broke off; what
	// was to be sent is kept and sending can be resumed.
	ErrNotDelivered = errors.New("not delivered")
	// ErrNotAuthentic: the endpoint is not who it should be, or a receipt
	// does not prove what it says. It is trust's.
	ErrNotAuthentic = trust.ErrNotAuthentic
)
