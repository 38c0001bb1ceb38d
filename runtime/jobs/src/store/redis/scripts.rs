//! The scripts, and how they are called.

use std::sync::OnceLock;

use apalis_redis::Config;
use redis::{FromRedisValue, ScriptInvocation, ToRedisArgs, aio::ConnectionManager};

use crate::{error::JobError, store::Result};

/// One for each method of the store that pushes none.
pub(super) struct Scripts {
    pub(super) beat: Script,
    pub(super) end: Script,
    pub(super) fetch: Script,
    pub(super) leave: Script,
    pub(super) list: Script,
    pub(super) purge: Script,
    pub(super) recover: Script,
    pub(super) release: Script,
    pub(super) retry: Script,
}

pub(super) struct Script(redis::Script);

impl Scripts {
    pub(super) fn get() -> &'static Self {
        static SCRIPTS: OnceLock<Scripts> = OnceLock::new();
        SCRIPTS.get_or_init(|| Self {
            beat: Script::new(include_str!("beat.lua")),
            end: Script::new(include_str!("end.lua")),
            fetch: Script::new(include_str!("fetch.lua")),
            leave: Script::new(include_str!("leave.lua")),
            list: Script::new(include_str!("list.lua")),
            purge: Script::new(include_str!("purge.lua")),
            recover: Script::new(include_str!("recover.lua")),
            release: Script::new(include_str!("release.lua")),
            retry: Script::new(include_str!("retry.lua")),
        })
    }
}

impl Script {
    fn new(code: &str) -> Self {
        Self(redis::Script::new(&format!("{}{code}", include_str!("prelude.lua"))))
    }

    /// Begins a call, with the keys of a queue in the order that the prelude names.
    pub(super) fn call(&self, config: &Config) -> Call<'_> {
        let mut call = self.0.prepare_invoke();
        call.key(config.scheduled_jobs_set())
            .key(config.active_jobs_list())
            .key(config.job_data_hash())
            .key(config.workers_set())
            .key(config.done_jobs_set())
            .key(config.dead_jobs_set())
            .key(format!("{}:with-after:done-at", config.done_jobs_set()))
            .key(config.job_meta_hash())
            .key(config.inflight_jobs_set())
            .key(config.idempotency_key_set());
        Call(call)
    }
}

pub(super) struct Call<'a>(ScriptInvocation<'a>);

impl Call<'_> {
    pub(super) fn arg<T: ToRedisArgs>(mut self, arg: T) -> Self {
        self.0.arg(arg);
        self
    }

    pub(super) async fn run<T: FromRedisValue>(
        self,
        connection: &ConnectionManager,
        doing: &'static str,
    ) -> Result<T> {
        let mut connection = connection.clone();
        self.0.invoke_async(&mut connection).await.map_err(JobError::store(doing))
    }
}
