-- +goose Up
-- Bytes of an upload that are here, as far as noted, and when the last ones came.
ALTER TABLE uploads ADD COLUMN arrived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE uploads ADD COLUMN progress INTEGER NOT NULL DEFAULT 0;
UPDATE uploads SET progress = changed;
UPDATE uploads SET arrived = wire_size WHERE state IN ('received', 'verifying');
CREATE INDEX uploads_open ON uploads (state, organisation, agent, wire_size, arrived, progress)
  WHERE state IN ('uploading', 'received', 'verifying');
CREATE INDEX bundles_kept ON bundles (organisation, state, blob_size);
