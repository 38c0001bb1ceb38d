use with_after_jobs::JobsBuilder;

fn workers(jobs: JobsBuilder) {
    let _ = jobs.job::<String>();
}

fn main() {}
