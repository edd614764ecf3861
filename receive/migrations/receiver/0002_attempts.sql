-- +goose Up
-- Times that intake began with an upload and the process did not outlive it.
ALTER TABLE uploads ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
