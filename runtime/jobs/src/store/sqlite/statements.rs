//! The statements.

pub(super) const FOREIGN: &str = "
    SELECT name FROM sqlite_master
    WHERE type = 'table' AND lower(name) IN ('jobs', 'workers')
        AND NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = ?1)";

pub(super) const INSERT: &str = "
    INSERT INTO Jobs (
        job, id, job_type, status, attempts, max_attempts, run_at, priority, metadata,
        idempotency_key
    )
    VALUES (?1, ?2, ?3, 'Pending', 0, ?4, coalesce(?5, unixepoch()), 0, '{}', ?6)
    ON CONFLICT (job_type, idempotency_key) DO NOTHING";

pub(super) const BY_KEY: &str = "SELECT id FROM Jobs WHERE job_type = ?1 AND idempotency_key = ?2";

pub(super) const RELEASE: &str = "
    UPDATE Jobs SET run_at = coalesce(?2, unixepoch())
    WHERE id = ?1 AND status = 'Pending' AND attempts = 0 AND run_at > coalesce(?2, unixepoch())";

pub(super) const BEAT: &str = "
    INSERT INTO Workers (id, worker_type, storage_name, layers, last_seen, started_at)
    VALUES (?1, ?2, 'SqliteStorage', 'with-after-jobs', unixepoch(), unixepoch())
    ON CONFLICT (id) DO UPDATE SET last_seen = unixepoch()";

pub(super) const LEAVE: &str = "
    DELETE FROM Workers
    WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM Jobs WHERE lock_by = ?1)";

pub(super) const BEGIN: &str = "
    UPDATE Jobs SET status = 'Running', attempts = attempts + 1, done_at = NULL
    WHERE id IN (SELECT value FROM json_each(?1)) AND lock_by = ?2";

pub(super) const END: &str = "
    UPDATE Jobs SET
        status = ?1, attempts = ?2, run_at = coalesce(?3, run_at), last_result = ?4,
        done_at = CASE WHEN ?1 IN ('Done', 'Killed') THEN unixepoch() END,
        lock_by = NULL, lock_at = NULL
    WHERE id = ?5 AND lock_by = ?6 AND attempts = ?7 AND status = 'Running'";

pub(super) const RECOVER: &str = "
    UPDATE Jobs SET
        status = CASE WHEN attempts < max_attempts THEN 'Failed' ELSE 'Killed' END,
        done_at = CASE WHEN attempts < max_attempts THEN NULL ELSE unixepoch() END,
        last_result = ?3, lock_by = NULL, lock_at = NULL
    WHERE job_type = ?1 AND status IN ('Queued', 'Running') AND lock_by IN (
        SELECT id FROM Workers WHERE worker_type = ?1 AND unixepoch() - last_seen >= ?2
    )
    RETURNING *";

pub(super) const FORGET: &str = "
    DELETE FROM Workers
    WHERE worker_type = ?1 AND unixepoch() - last_seen >= ?2
        AND NOT EXISTS (SELECT 1 FROM Jobs WHERE lock_by = Workers.id)";

pub(super) const PURGE: &str = "
    DELETE FROM Jobs WHERE id IN (
        SELECT id FROM Jobs
        WHERE job_type = ?1 AND status = 'Done' AND done_at < ?2 LIMIT 1000
    )";

pub(super) const LIST: &str = "
    SELECT * FROM Jobs
    WHERE job_type = ?1 AND status IN (SELECT value FROM json_each(?2))
    ORDER BY id LIMIT ?3";

pub(super) const RETRY: &str = "
    UPDATE Jobs SET
        status = 'Pending', attempts = 0, run_at = unixepoch(), done_at = NULL,
        last_result = NULL, lock_by = NULL, lock_at = NULL
    WHERE id = ?1 AND job_type = ?2 AND status = 'Killed'";
