//! The statements.

pub(super) const INSERT: &str = "
    INSERT INTO apalis.jobs (
        job, id, job_type, status, attempts, max_attempts, run_at, priority, idempotency_key
    )
    VALUES ($1, $2, $3, 'Pending', 0, $4, coalesce(to_timestamp($5::bigint), now()), 0, $6)
    ON CONFLICT (job_type, idempotency_key) DO NOTHING";

pub(super) const BY_KEY: &str =
    "SELECT id FROM apalis.jobs WHERE job_type = $1 AND idempotency_key = $2";

pub(super) const RELEASE: &str = "
    UPDATE apalis.jobs SET run_at = coalesce(to_timestamp($2::bigint), now())
    WHERE id = $1 AND status = 'Pending' AND attempts = 0
        AND run_at > coalesce(to_timestamp($2::bigint), now())";

pub(super) const BEAT: &str = "
    INSERT INTO apalis.workers (id, worker_type, storage_name, layers, last_seen, started_at)
    VALUES ($1, $2, 'PostgresStorage', 'with-after-jobs', now(), now())
    ON CONFLICT (id) DO UPDATE SET last_seen = now()";

pub(super) const LEAVE: &str = "
    DELETE FROM apalis.workers
    WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM apalis.jobs WHERE lock_by = $1)";

pub(super) const BEGIN: &str = "
    UPDATE apalis.jobs SET status = 'Running', attempts = attempts + 1, done_at = NULL
    WHERE id = ANY($1) AND lock_by = $2";

pub(super) const END: &str = "
    UPDATE apalis.jobs SET
        status = $1, attempts = $2, run_at = coalesce(to_timestamp($3::bigint), run_at),
        last_result = $4::jsonb,
        done_at = CASE WHEN $1 IN ('Done', 'Killed') THEN now() END,
        lock_by = NULL, lock_at = NULL
    WHERE id = $5 AND lock_by = $6 AND attempts = $7 AND status = 'Running'";

pub(super) const RECOVER: &str = "
    WITH lost AS (
        SELECT jobs.id FROM apalis.jobs AS jobs
        INNER JOIN apalis.workers AS workers ON workers.id = jobs.lock_by
        WHERE jobs.job_type = $1 AND jobs.status IN ('Queued', 'Running')
            AND workers.worker_type = $1
            AND now() - workers.last_seen >= make_interval(secs => $2)
        FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE apalis.jobs AS jobs SET
        status = CASE WHEN attempts < max_attempts THEN 'Failed' ELSE 'Killed' END,
        done_at = CASE WHEN attempts < max_attempts THEN NULL ELSE now() END,
        last_result = $3::jsonb, lock_by = NULL, lock_at = NULL
    FROM lost WHERE jobs.id = lost.id
    RETURNING jobs.id, job, status, attempts, max_attempts,
        extract(epoch FROM run_at)::bigint AS run_at, last_result::text";

pub(super) const FORGET: &str = "
    DELETE FROM apalis.workers AS workers
    WHERE worker_type = $1 AND now() - last_seen >= make_interval(secs => $2)
        AND NOT EXISTS (SELECT 1 FROM apalis.jobs WHERE lock_by = workers.id)";

pub(super) const PURGE: &str = "
    DELETE FROM apalis.jobs WHERE id IN (
        SELECT id FROM apalis.jobs
        WHERE job_type = $1 AND status = 'Done' AND done_at < to_timestamp($2::bigint)
        LIMIT 1000
    )";

pub(super) const LIST: &str = "
    SELECT id, job, status, attempts, max_attempts,
        extract(epoch FROM run_at)::bigint AS run_at, last_result::text
    FROM apalis.jobs WHERE job_type = $1 AND status = ANY($2)
    ORDER BY id LIMIT $3";

pub(super) const RETRY: &str = "
    UPDATE apalis.jobs SET
        status = 'Pending', attempts = 0, run_at = now(), done_at = NULL,
        last_result = NULL, lock_by = NULL, lock_at = NULL
    WHERE id = $1 AND job_type = $2 AND status = 'Killed'";
