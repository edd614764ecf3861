-- +goose Up
CREATE TABLE organisations (
  id      TEXT PRIMARY KEY,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cases (
  organisation TEXT NOT NULL REFERENCES organisations (id),
  id           TEXT NOT NULL,
  title        TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('open', 'closed')),
  created      INTEGER NOT NULL,
  closed       INTEGER NOT NULL DEFAULT 0,
  active       INTEGER NOT NULL, -- last time something was done in it
  PRIMARY KEY (organisation, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE assignments (
  organisation TEXT NOT NULL,
  case_id      TEXT NOT NULL,
  engineer     TEXT NOT NULL,
  granted      INTEGER NOT NULL,
  PRIMARY KEY (organisation, case_id, engineer),
  FOREIGN KEY (organisation, case_id) REFERENCES cases (organisation, id)
) STRICT, WITHOUT ROWID;

-- Of an enrolment key only the digest of its secret is kept.
CREATE TABLE enrolment_keys (
  digest       BLOB PRIMARY KEY,
  organisation TEXT NOT NULL REFERENCES organisations (id),
  role         TEXT NOT NULL CHECK (role IN ('agent', 'engineer')),
  name         TEXT NOT NULL,
  created      INTEGER NOT NULL,
  expires      INTEGER NOT NULL,
  used         INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE agents (
  id           TEXT PRIMARY KEY,
  organisation TEXT NOT NULL REFERENCES organisations (id),
  role         TEXT NOT NULL CHECK (role IN ('agent', 'engineer')),
  name         TEXT NOT NULL,
  signing_key  TEXT NOT NULL, -- authorized_keys form
  fingerprint  TEXT NOT NULL,
  enrolled     INTEGER NOT NULL,
  revoked      INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX agents_by_organisation ON agents (organisation, role);

CREATE TABLE certificates (
  digest  BLOB PRIMARY KEY, -- SHA-256 of the certificate
  agent   TEXT NOT NULL REFERENCES agents (id),
  spki    BLOB NOT NULL,    -- SHA-256 of its public key
  issued  INTEGER NOT NULL,
  expires INTEGER NOT NULL  -- brought forward when it is renewed
) STRICT, WITHOUT ROWID;
CREATE INDEX certificates_by_agent ON certificates (agent);

CREATE TABLE uploads (
  organisation TEXT NOT NULL,
  case_id      TEXT NOT NULL,
  id           TEXT NOT NULL,
  agent        TEXT NOT NULL REFERENCES agents (id),
  wire_sha256  TEXT NOT NULL,
  wire_size    INTEGER NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('uploading', 'received', 'verifying', 'stored', 'quarantined', 'refused', 'deleted')),
  bundle_id    TEXT NOT NULL DEFAULT '', -- proven by the signature, '' before
  reason       TEXT NOT NULL DEFAULT '',
  created      INTEGER NOT NULL,
  changed      INTEGER NOT NULL,
  PRIMARY KEY (organisation, case_id, id),
  FOREIGN KEY (organisation, case_id) REFERENCES cases (organisation, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX uploads_by_state ON uploads (state, changed);

CREATE TABLE bundles (
  organisation TEXT NOT NULL,
  id           TEXT NOT NULL,
  case_id      TEXT NOT NULL,
  agent        TEXT NOT NULL REFERENCES agents (id), -- who sent it
  signer       TEXT NOT NULL, -- key that signed it, authorized_keys form
  state        TEXT NOT NULL CHECK (state IN ('stored', 'quarantined', 'deleted')),
  reason       TEXT NOT NULL DEFAULT '',
  object       TEXT NOT NULL, -- name of its blob and of its key
  sha256       TEXT NOT NULL,
  size         INTEGER NOT NULL,
  wire_sha256  TEXT NOT NULL,
  wire_size    INTEGER NOT NULL,
  blob_size    INTEGER NOT NULL,
  entries      INTEGER NOT NULL,
  host         TEXT NOT NULL,
  name         TEXT NOT NULL,
  received     INTEGER NOT NULL,
  receipt      TEXT NOT NULL DEFAULT '',
  receipt_sig  TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (organisation, id),
  FOREIGN KEY (organisation, case_id) REFERENCES cases (organisation, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX bundles_by_case ON bundles (organisation, case_id, received);

-- One line per access, grant, denial. organisation '' is the receiver itself.
CREATE TABLE audit (
  organisation TEXT NOT NULL,
  seq          INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  who          TEXT NOT NULL,
  role         TEXT NOT NULL,
  action       TEXT NOT NULL,
  case_id      TEXT NOT NULL,
  object       TEXT NOT NULL,
  purpose      TEXT NOT NULL,
  result       TEXT NOT NULL,
  detail       TEXT NOT NULL,
  PRIMARY KEY (organisation, seq)
) STRICT, WITHOUT ROWID;
-- +goose StatementBegin
CREATE TRIGGER audit_keeps BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'audit is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'audit is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_appends BEFORE INSERT ON audit
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit WHERE organisation = NEW.organisation) BEGIN
  SELECT RAISE(ABORT, 'audit is append-only');
END;
-- +goose StatementEnd
