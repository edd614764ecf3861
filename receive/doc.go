// Package receive is the receiver: the server of the wire protocol that
// package upload specifies, and all that it keeps.
//
// openapi.yaml beside this file is the contract of its HTTP interface; a test
// holds it and the registered routes together.
//
// # Data directory
//
// One process at a time holds a data directory, by its lock. Everything in it
// is closed to others (0700, 0600), names are relative, and it may be moved.
//
//	lock                          flock
//	receiver.db                   organisations, cases, agents, uploads, bundles,
//	                              receipts, audit (SQLite, WAL, every commit synced)
//	keys/keys.db                  the key store: see below
//	keys/master.key               the master key, unless Options.MasterKey names
//	                              another file; Warnings says so
//	org/<organisation>/staging/   unfinished and unproven uploads, age-encrypted
//	                              by their senders
//	org/<organisation>/case-<id>/<bundle id>.blob
//	                              stored bundles, each under a key of its own
//	org/<organisation>/case-<id>/sealed-<upload id>.blob
//	                              quarantined ones, which nobody reads
//	admin.sock                    administration (0600); admin.at says where it is
//	                              when its path here would be too long
//
// No byte of a bundle is on disk in clear, ever: staging holds what the sender
// encrypted to the intake key, intake decrypts in memory as it reads, and
// stored blobs are age files, of which each read authenticates what it hands
// out. Alteration, truncation and exchange of a blob are detected.
//
// # Keys
//
// The master key wraps the receiver's own keys (server CA, agent CA, server
// certificate, receipt key), the intake identities and one key per
// organisation; that wraps the keys of its bundles. The key store is a
// database of its own and never part of a backup of the data, so that
// destroying a bundle's key ends the bundle wherever copies of its blob are.
// Of an enrolment key only the digest of its secret is kept, 24 hours long.
// The intake identity is offered for a year, and kept afterwards.
//
// # Who may do what
//
// An agent is its signing key within one organisation. Its certificate says
// only which agent it is: organisation, role and standing are read from the
// database at each request. The organisation of a request is its caller's and
// nothing in a URL can name another; a case that is not there, another
// organisation's, or not assigned to the engineer gets the same answer to the
// byte. Agents upload to their organisation's cases and read the status and
// receipts of what they sent. Engineers read open cases that are assigned to
// them; to see content they state a purpose (header Diagcollect-Purpose).
//
// Each access, grant and denial is one line in the audit log, on disk before
// the first byte is answered. The log is append-only (the database refuses
// changes) and numbered without gaps per organisation. Not recorded are an
// agent's questions after its own uploads, and requests without a
// certificate on record, which are nobody's.
//
// # Intake
//
// An upload goes from uploading to received when its last byte is synced.
// Intake works from the database, three at a time and two of one organisation,
// whose turns alternate: the digest of the wire bytes
// must be the one announced (or they are asked for again); the bundle must be
// encrypted to an intake key, signed by an agent of the organisation that is
// not revoked, for this organisation and this case, and hold in full
// (manifest.Bundle.Verify); then every entry, every name, the words of the
// manifest and the report are searched again for secrets. A clean bundle is encrypted under
// its own key, stored, and its receipt signed. One with a secret is sealed:
// the status names class, entry and line, nobody reads it, and after seven
// days it is deleted; so is what comes under the id of another bundle. The
// same bundle again gets the first one's receipt; a deleted one stays
// refused. A process that ends in the middle leaves the upload in verifying,
// and the next start begins its intake again, alone; after three such ends, in a row
// or not, it is refused, and so is what intake has not done with in 15 minutes
// (Options.IntakeTime) and one second more for each 4 MiB.
//
// # Limits
//
// Requests have slots by kind: 128 questions, 256 parts of uploads, 64 reads of
// bundles, 32 of callers without a certificate; an agent (source) has a
// sixteenth to a quarter of them at most, an organisation half. A JSON body is
// read before its request takes a slot, in 30 seconds; a part of an upload
// brings 60 KiB a minute or ends. /healthz needs no slot. 64 KiB of JSON; 32
// KiB of header; 16 GiB an upload
// (Options.MaxUpload); 40 attempts to enrol and one more each three seconds
// per source address; 120 denials and one more each second per agent. An
// upload is admitted while the disk holds twice its size beside what others
// have begun and 64 MiB. Where there are several organisations, one keeps half
// of the disk at most (Options.Quota), and what it has begun takes half of what
// is free; an agent has announced and not sent half of what its organisation
// may, and has 64 uploads under way. What is told of free space is the
// organisation's own, in steps of 64 MiB (1 MiB below). An upload of which no
// byte came in 30 minutes is forgotten; one that had some has no place reserved
// any longer, and expires after seven days without another.
package receive
