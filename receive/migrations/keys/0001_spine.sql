-- +goose Up
-- Every secret here is wrapped: the receiver's own keys and the organisations'
-- under the master key, the bundles' under their organisation's.
CREATE TABLE receiver_keys (
  name    TEXT PRIMARY KEY,
  public  BLOB NOT NULL,
  wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE intake_keys (
  id        TEXT PRIMARY KEY,
  recipient TEXT NOT NULL,
  created   INTEGER NOT NULL,
  expires   INTEGER NOT NULL,
  wrapped   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE organisation_keys (
  organisation TEXT PRIMARY KEY,
  wrapped      BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE bundle_keys (
  organisation TEXT NOT NULL,
  case_id      TEXT NOT NULL,
  object       TEXT NOT NULL,
  wrapped      BLOB NOT NULL,
  PRIMARY KEY (organisation, case_id, object)
) STRICT, WITHOUT ROWID;
